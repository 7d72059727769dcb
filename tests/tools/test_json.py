#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""test_json.py GUISE SCHEMA: what guise prints in JSON is what its schema says, and no more.

Runs the commands on descriptors of all kinds on standard input, and as root on a backing folder."""
import copy
import gzip
import json
import os
import subprocess
import sys
import tempfile

guise, schema_file = os.path.abspath(sys.argv[1]), sys.argv[2]
counts = {"passed": 0, "failed": 0, "skipped": 0}


def close(schema):
    """The same schema, in which objects have no members but those that it names."""
    if isinstance(schema, list):
        return [close(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: close(value) for key, value in schema.items()}
    if "properties" in closed:
        closed["additionalProperties"] = False
    return closed


def outputs(words, given=None, folder=None):
    said = subprocess.run([guise, *words], input=given, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    text = said.stdout.decode("ascii")
    if words[0] == "doctor":
        return [json.loads(text)]
    return [json.loads(line) for line in text.splitlines()]


def check(name, kind, words, given=None, folder=None, least=1):
    schema = close(copy.deepcopy(whole))
    schema.pop("anyOf")
    schema["$ref"] = "#/$defs/" + kind
    try:
        values = outputs(words, given, folder)
        for value in values:
            jsonschema.validate(value, schema)
        good, why = len(values) >= least, f"{len(values)} values"
    except (ValueError, jsonschema.ValidationError) as error:
        good, why = False, str(error)[:600]
    counts["passed" if good else "failed"] += 1
    if not good:
        print(f"FAILED {name}: {why}")


def vectors():
    """Descriptors of many kinds."""
    found = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "sddl.jsonl.gz")
    with gzip.open(found, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            case = json.loads(line)
            if number % 40 == 0 and isinstance(case.get("sddl"), str):
                yield case["sddl"]


def on_texts():
    for text in list(vectors())[:60]:
        given = text.encode()
        shown = subprocess.run([guise, "show", "-"], input=given, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False)
        if shown.returncode == 0:
            check("show of " + text, "descriptor", ["show", "--format", "json", "-"], given)
            check("verify of " + text, "verify", ["verify", "--notes", "--format", "json", "-"], given)
    check("sid", "sid", ["sid", "--format", "json", "root", "WD", "S-1-5-32-544", "S-1-22-2-0", "S-1-5-21-1-2-3-4"], least=5)


def on_folder(folder):
    os.chmod(folder, 0o755)
    for name in ("t", "t/in", "u"):
        os.mkdir(os.path.join(folder, name))
    for name in ("t/f", "t/in/g", b"t/\xff".decode("utf-8", "surrogateescape")):
        open(os.path.join(folder, name), "wb").close()
    os.symlink("nowhere", os.path.join(folder, "t/link"))
    if subprocess.run([guise, "set", "t", "D:PARAI(A;OICI;FA;;;SY)(A;OICI;FR;;;WD)S:(AU;SAFA;FA;;;WD)"], cwd=folder,
                      check=False, stderr=subprocess.DEVNULL).returncode:
        counts["skipped"] += 1
        print("skipped backing folders: no descriptor can be stored here")
        return
    subprocess.run([guise, "propagate", "--into-private", "t"], cwd=folder, check=True)
    subprocess.run([guise, "deny", "t/in/g", "nobody:W"], cwd=folder, check=True)
    for words, kind, least in (
            (["show", "-R", "t"], "descriptor", 6), (["diff", "t/f", "t/in/g"], "diff", 1),
            (["diff", "-R", "t", "u"], "diff", 4), (["verify", "-R", "--notes", "--strict", "t", "u"], "verify", 7),
            (["find-sid", "-R", "t", "nobody"], "find-sid", 1), (["find-sid", "-R", "t", "Everyone"], "find-sid", 5),
            (["who-can", "read", "t/in/g"], "who-can", 1), (["who-can", "delete", "t/f", "u"], "who-can", 2),
            (["effective", "nobody", "t/in/g"], "effective", 1), (["effective", "root", "u"], "effective", 1),
            (["why", "nobody", "W", "t/in/g"], "why", 1), (["why", "nobody", "unlink", "t/f"], "why", 1),
            (["why", "root", "create", "u/new"], "why", 1), (["why", "nobody", "read", "t/f"], "why", 1),
            (["doctor", folder], "doctor", 1)):
        check(" ".join(words), kind, [words[0], "--format", "json", *words[1:]], folder=folder, least=least)


try:
    import jsonschema
except ImportError:
    print("skipped: needs python3-jsonschema\n0 passed, 0 failed, 1 skipped")
    sys.exit(0)
with open(schema_file, encoding="utf-8") as source:
    whole = json.load(source)
on_texts()
if os.geteuid() == 0:
    with tempfile.TemporaryDirectory() as scratch:
        on_folder(scratch)
else:
    counts["skipped"] += 1
    print("skipped backing folders: needs root")
print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(1 if counts["failed"] else 0)
