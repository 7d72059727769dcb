#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Times Samba's library on the cases of bench_acl.c, for Debian's python3-samba.

Prints a line "NAME NANOSECONDS" a case; the call from Python is in it.  Exits
with 77 where Samba is not installed.
"""
import sys
import timeit

try:
    from samba.dcerpc import security
    from samba.ndr import ndr_pack, ndr_unpack
    from samba.security import access_check
except ImportError:
    sys.exit(77)

DOMAIN = "S-1-5-21-1385307608-3550795005-3229212029"
FILE_GENERIC_READ = 0x120089


def make_token(sids):
    token = security.token()
    token.sids = [security.dom_sid("%s-%d" % (DOMAIN, 1000 + i)) for i in range(sids)]
    token.num_sids = sids
    return token


def make_text(aces):
    rids = [100000 + i for i in range(1, aces)] + [1000]
    dacl = "".join("(A;OICI;FR;;;%s-%d)" % (DOMAIN, rid) for rid in rids)
    return "O:%s-900G:%s-901D:%s" % (DOMAIN, DOMAIN, dacl)


def report(name, act):
    times = 16
    while timeit.timeit(act, number=times) < 0.02:
        times *= 2
    best = min(timeit.repeat(act, number=times, repeat=5)) / times
    print("%s %.0f" % (name, best * 1e9))


def main():
    domain = security.dom_sid(DOMAIN)
    for sids, aces in (12, 1), (12, 8), (12, 16), (12, 64), (50, 16), (200, 64):
        token = make_token(sids)
        sd = security.descriptor.from_sddl(make_text(aces), domain)
        report("check-%d-%d" % (sids, aces), lambda: access_check(sd, token, FILE_GENERIC_READ))
    text = make_text(8)
    sd = security.descriptor.from_sddl(text, domain)
    packed = ndr_pack(sd)
    report("read", lambda: ndr_unpack(security.descriptor, packed))
    report("write", lambda: ndr_pack(sd))
    report("read-text", lambda: security.descriptor.from_sddl(text, domain))
    report("write-text", lambda: sd.as_sddl(domain))


main()
