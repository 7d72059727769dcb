#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The servers of examples/ serve honest clients their own, and an attacker nothing.
# Needs $GUISEFS, $GUISE, $LIBGUISE, $EXAMPLE_SERVER, $EXAMPLE_CLIENT, $EXAMPLE_PYTHON.
# shellcheck disable=SC2154,SC2317 # functions are called by check, variables set by person_add
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

server_uid=64010
people=()
servers=()

# Ordinary users must be able to run all this, wherever the build folder is.
programs_copy()
{
	install -d "$folder/.bin"
	install -m 0755 "$EXAMPLE_SERVER" "$folder/.bin/fileserver"
	install -m 0755 "$EXAMPLE_CLIENT" "$folder/.bin/client"
	install -m 0755 "$EXAMPLE_PYTHON" "$folder/.bin/fileserver.py"
	install -m 0755 "$LIBGUISE" "$folder/.bin/libguise.so.0"
	export LD_LIBRARY_PATH=$folder/.bin LIBGUISE=$folder/.bin/libguise.so.0
	PATH=/usr/bin:/bin:$PATH # where it is everybody's
	# a library with the address sanitizer wants the sanitizer first, and Python leaks
	sanitizer=$(ldd "$LIBGUISE" | awk '/libasan/ { print $3 }')
}

# person_add NAME: an ordinary user; NAME and NAME_name are variables for id and account
person_add()
{
	local name=gt$$$1 _
	for _ in {1..300}; do
		if useradd -M -U -d "$folder" -s /bin/sh "$name" 2>"$folder/.useradd"; then
			people+=("$name")
			printf -v "$1_name" %s "$name"
			printf -v "$1" %s "$(id -u -- "$name")"
			return
		fi
		sleep 0.2 # another process may be writing /etc/passwd
	done
	cat "$folder/.useradd"
	exit 1
}

people_remove()
{
	for account in "${people[@]}"; do
		account_uid=$(id -u -- "$account")
		account_remove
	done
	account=
}

# Sends its stdin to socket $1 and prints what comes back.
write_raw()
{
	cat >"$folder/.bin/raw.py" <<'PYTHON'
import contextlib, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.settimeout(40)
    server.connect(sys.argv[1])
    with contextlib.suppress(BrokenPipeError):
        server.sendall(sys.stdin.buffer.read())
    with contextlib.suppress(ConnectionResetError):
        while part := server.recv(65536):
            sys.stdout.buffer.write(part)
PYTHON
}

# What nobody means well with: attacker.py SOCKET SERIAL garbage|leave|many|slow
write_attacker()
{
	cat >"$folder/.bin/attacker.py" <<'PYTHON'
import contextlib, random, select, socket, sys, time
path, serial, what = sys.argv[1], sys.argv[2].encode(), sys.argv[3]
words = [b"GET", b"LIST", b"PUT", b"AUTH", b" ", b" ", b"-", b"\n", b"\0", b"%s%n", b"../", b"/", serial,
         b"99999999999", b"-3", b"0", b"mallory", b"\xff\xfe", b"x" * 5000]

def connect():
    server = socket.socket(socket.AF_UNIX)
    server.settimeout(40)
    server.connect(path)
    return server

def ask(request, more=True):
    with connect() as server, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        server.sendall(request)
        if not more:
            server.shutdown(socket.SHUT_WR)
        return server.recv(100)
    return b""

def garbage():
    dice = random.Random(7)
    for i in range(300):
        request = b"".join(dice.choice(words) for _ in range(dice.randrange(1, 12)))
        if i % 3 == 0:
            request = dice.randbytes(dice.randrange(1, 20000))
        # without a logon's second of thinking each
        answer = ask(request.replace(b"AUTH ", b"AUTH-"), False)
        assert not answer.startswith(b"OK") and b"x" * 100 not in answer, (request, answer)
    assert ask(b"G" * 1000000) in (b"ERR EMSGSIZE\n", b"ERR EINVAL\n", b"")

def ask_and_leave(request, stay=0):
    with connect() as server, contextlib.suppress(BrokenPipeError):  # busy: it left first
        server.sendall(request)
        time.sleep(stay)

def leave():
    for request in (b"", b"GE", b"GET %s mallory/file" % serial, b"PUT %s 4000000 mallory/file\nab" % serial):
        for _ in range(10):
            ask_and_leave(request)
    for _ in range(10):  # it asks, and does not wait for the answer
        ask_and_leave(b"GET %s mallory/big\n" % serial, 0.01)

def many():
    held = [connect() for _ in range(40)]
    print("connected", flush=True)
    sys.stdin.read()
    busy = sum(len(select.select([server], [], [], 0.5)[0]) for server in held)
    assert busy >= 37, busy

def slow():
    start, held = time.monotonic(), [connect() for _ in range(3)]
    for server in held:
        server.sendall(b"GET ")
    while held and time.monotonic() - start < 60:
        time.sleep(0.5)
        for server in list(held):
            try:
                server.sendall(b"1")
            except OSError:
                held.remove(server)
    assert not held and time.monotonic() - start > 5
globals()[what]()
PYTHON
}

# server_start NAME COMMAND...: it listens at $folder/run/NAME when this returns.
server_start()
{
	local socket=$folder/run/$1 _
	shift
	setpriv --reuid="$server_uid" --regid="$server_uid" --clear-groups -- \
		"$@" </dev/null >>"$folder/.said" 2>&1 &
	servers+=($!)
	for _ in {1..600}; do
		[[ -S $socket ]] && return
		sleep 0.1
	done
	cat "$folder/.said"
	return 1
}

servers_end()
{
	local status=$?
	((${#servers[@]} == 0)) || kill "${servers[@]}" 2>/dev/null
	by_user "$server_uid" keyctl clear @u 2>/dev/null
	((failed == 0)) || tail -n 60 "$folder/.said" # of the servers
	people_remove
	(exit "$status") # which is what end() goes by
	end
}

# Folders that are one user's alone, a file in each.
objects_make()
{
	local user
	for user in "alice $alice" "bob $bob" "mallory $mallory"; do
		mkdir "$folder/share/${user% *}"
		"$GUISE" set "$folder/share/${user% *}" "D:P(A;OICI;FA;;;S-1-22-1-${user#* })" || return
		printf '%s' "of ${user% *}" >"$folder/share/${user% *}/file" || return
	done
	install -d "$folder/.outside" "$folder/share/mallory/mounted"
	install -o "$server_uid" -m 0400 <(printf 'of the server') "$folder/.outside/file"
	mount --bind "$folder/.outside" "$folder/share/mallory/mounted" &&
		ln -s ../alice/file "$folder/share/mallory/to-alice" &&
		ln -s "$folder/.outside/file" "$folder/share/mallory/absolute" &&
		ln -s ../../.outside/file "$folder/share/mallory/upwards" &&
		mkfifo "$folder/share/mallory/fifo" && head -c 3000000 /dev/zero >"$folder/share/mallory/big"
}

# ask UID VERB PATH, with a consent of its own for this one time
ask()
{
	by_user "$1" "$folder/.bin/client" "$socket" "$server_uid" "$2" "$3"
}

gets()
{
	[[ $(ask "$1" get "$2") == "$3" ]]
}

# put_and_get UID PATH: that very data comes back
put_and_get()
{
	head -c 300000 /dev/urandom >"$folder/.data" &&
		by_user "$1" "$folder/.bin/client" "$socket" "$server_uid" put "$2" <"$folder/.data" &&
		ask "$1" get "$2" | cmp - "$folder/.data" && : | ask "$1" put "$2" && gets "$1" "$2" ''
}

lists()
{
	[[ $(ask "$1" list "$2" | sort | paste -sd ' ') == "$3" ]]
}

# raw UID TEXT ANSWER: TEXT as printf writes it, ANSWER as a pattern
raw()
{
	local answer
	# shellcheck disable=SC2059
	answer=$(printf "$2" | by_user "$1" python3 "$folder/.bin/raw.py" "$socket" | tr '\n\0' '|+')
	printf 'wanted: %s\nsaid:   %s\n' "$3" "$answer"
	# shellcheck disable=SC2053
	[[ $answer == $3 ]]
}

attack()
{
	by_user "$mallory" timeout 90 python3 "$folder/.bin/attacker.py" "$socket" "$serial_mallory" "$1"
}

# fails_to_start COMMAND...: what is not on a guisefs mount is not served
fails_to_start()
{
	! by_user "$server_uid" timeout 10 "$@" "$folder/run/none" "$folder/run" && [[ ! -e $folder/run/none ]]
}

# While somebody holds 40 connections, others are served.
served_beside_many()
{
	local pid line served
	coproc MANY { attack many; }
	pid=$MANY_PID
	read -r line <&"${MANY[0]}" && [[ $line == connected ]] || return
	honest
	served=$?
	eval "exec ${MANY[1]}>&-"
	wait "$pid" && ((served == 0))
}

honest()
{
	gets "$alice" alice/file 'of alice' && gets "$bob" bob/file 'of bob'
}

# Two clients at a time, again and again: each gets its own.
honest_together()
{
	local _ pid
	for _ in {1..10}; do
		honest & pid=$!
		honest || { wait "$pid"; return 1; }
		wait "$pid" || return
	done
}

grant()
{
	by_user "$1" "$GUISE" token grant --for "$2" --level "$3" --ttl 5m
}

itself_is_refused()
{
	! by_user "$server_uid" cat "$folder/share/$1/file" && [[ -e $folder/share/$1/file ]]
}

clients_of()
{
	check "$1: alice gets hers" gets "$alice" alice/file 'of alice'
	check "$1: bob gets his" gets "$bob" bob/file 'of bob'
	check "$1: alice does not get his" raw "$alice" "GET $serial_alice bob/file\n" 'ERR EACCES|'
	check "$1: bob does not get hers" raw "$bob" "GET $serial_bob alice/file\n" 'ERR EACCES|'
	check "$1: nor list" raw "$bob" "LIST $serial_bob alice\n" 'ERR EACCES|'
	check "$1: nor write" raw "$bob" "PUT $serial_bob 1 alice/file\nx" 'ERR EACCES|'
	check "$1: nor make" raw "$bob" "PUT $serial_bob 1 alice/new\nx" 'ERR EACCES|'
	check "$1: put and get" put_and_get "$alice" alice/data
	check "$1: list" lists "$alice" alice 'data file'
	check "$1: names with spaces" raw "$bob" "PUT $serial_bob 2 bob/a 1 b\nxy" 'OK 0|'
	check "$1: and back" raw "$bob" "GET $serial_bob bob/a 1 b\n" 'OK 2|xy'
	check "$1: a folder is no file" raw "$bob" "GET $serial_bob bob\n" 'ERR EISDIR|'
	check "$1: a file is no folder" raw "$bob" "LIST $serial_bob bob/file\n" 'ERR ENOTDIR|'
	check "$1: nothing there" raw "$bob" "GET $serial_bob bob/nothing\n" 'ERR ENOENT|'
	check "$1: together" honest_together
}

consents_of()
{
	check "$1: somebody else's consent" raw "$mallory" "GET $serial_alice alice/file\n" 'ERR EKEYREJECTED|'
	check "$1: to put" raw "$mallory" "PUT $serial_alice 1 alice/file\nx" 'ERR EKEYREJECTED|'
	check "$1: somebody else's consent, own file" raw "$mallory" "GET $serial_alice mallory/file\n" \
		'ERR EKEYREJECTED|'
	check "$1: revoked" raw "$mallory" "GET $serial_revoked mallory/file\n" 'ERR E@(KEYREVOKED|NOKEY)|'
	check "$1: for another server" raw "$mallory" "GET $serial_other mallory/file\n" 'ERR EKEYREJECTED|'
	check "$1: identify" raw "$mallory" "GET $serial_identify mallory/file\n" 'ERR EACCES|'
	check "$1: no such key" raw "$mallory" 'GET 2147483646 mallory/file\n' 'ERR ENOKEY|'
	for serial in 0 -1 -3 +1 4294967295 4294967293 99999999999999999999 '' x "0x10" "-"; do
		check "$1: serial '$serial'" raw "$mallory" "GET $serial mallory/file\n" 'ERR EINVAL|'
	done
}

ways_out_of()
{
	local way
	check "$1: own file" raw "$mallory" "GET $serial_mallory mallory/file\n" 'OK 10|of mallory'
	check "$1: to alice" raw "$mallory" "GET $serial_mallory mallory/to-alice\n" 'ERR EACCES|'
	for way in ../.outside/file mallory/../../.outside/file /etc/passwd "$folder/.outside/file" \
		mallory/absolute mallory/upwards mallory/mounted/file ..; do
		check "$1: out by $way" raw "$mallory" "GET $serial_mallory $way\n" 'ERR EXDEV|'
		check "$1: put by $way" raw "$mallory" "PUT $serial_mallory 1 $way\nx" 'ERR E@(XDEV|ISDIR)|'
	done
	check "$1: list out" raw "$mallory" "LIST $serial_mallory ..\n" 'ERR EXDEV|'
	check "$1: fifo" raw "$mallory" "GET $serial_mallory mallory/fifo\n" '@(ERR EINVAL|OK 0)|'
	check "$1: outside is as it was" test "$(<"$folder/.outside/file")" = 'of the server'
}

requests_of()
{
	local request
	for request in '\n' ' \n' 'GET\n' 'GET 1\n' 'GET  \n' 'DEL 1 x\n' "get $serial_mallory mallory/file\n" \
		"GET $serial_mallory mallory/file\\0\n" "PUT $serial_mallory x mallory/file\n" \
		"PUT $serial_mallory -1 mallory/file\n" "PUT $serial_mallory mallory/file\n"; do
		check "$1: request ${request@Q}" raw "$mallory" "$request" 'ERR EINVAL|'
	done
	check "$1: a long path" raw "$mallory" "GET $serial_mallory $(printf 'x/%.0s' {1..2500})\n" 'ERR ENAMETOOLONG|'
	check "$1: too much" raw "$mallory" "PUT $serial_mallory 999999999 mallory/file\n" 'ERR EFBIG|'
	check "$1: far too much" raw "$mallory" "PUT $serial_mallory 99999999999999999999 mallory/file\n" \
		'ERR E@(INVAL|FBIG)|'
	check "$1: garbage" attack garbage
	check "$1: leaving" attack leave
	check "$1: what was left changed nothing" test "$(<"$folder/share/mallory/file")" = 'of mallory'
	check "$1: many" served_beside_many
}

passwords_of()
{
	local account_file="AUTH $alice_name right horse\n"
	check "$1: by password" raw "$mallory" "${account_file}GET - alice/file\n" 'OK 8|of alice'
	check "$1: to put" raw "$mallory" "${account_file}PUT - 2 alice/by-password\nok" 'OK 0|'
	check "$1: no more than alice" raw "$mallory" "${account_file}GET - bob/file\n" 'ERR EACCES|'
	check "$1: and nobody else's consent" raw "$mallory" "${account_file}GET $serial_bob bob/file\n" 'ERR EINVAL|'
	check "$1: wrong password" raw "$mallory" "AUTH $alice_name wrong horse\nGET - alice/file\n" 'ERR EACCES|'
	check "$1: no password" raw "$mallory" "AUTH $alice_name \nGET - alice/file\n" 'ERR EACCES|'
	check "$1: locked" raw "$mallory" "AUTH root x\nGET - alice/file\n" 'ERR EACCES|'
	check "$1: no such user" raw "$mallory" "AUTH nobody-here right horse\nGET - alice/file\n" 'ERR EACCES|'
	check "$1: no second line" raw "$mallory" "AUTH $alice_name\n" 'ERR EINVAL|'
	check "$1: - without a password" raw "$mallory" 'GET - alice/file\n' 'ERR EINVAL|'
	check "$1: issued keys are revoked" test -z "$(by_user "$server_uid" "$GUISE" token list 2>&1 | grep impersonate)"
}

declare -A slow

slow_start()
{
	by_user "$sloth" timeout 90 python3 "$folder/.bin/attacker.py" "$folder/run/$1" 1 slow >>"$folder/.said" 2>&1 &
	slow[$1]=$!
}

server_check()
{
	socket=$folder/run/$1
	clients_of "$1"
	consents_of "$1"
	ways_out_of "$1"
	requests_of "$1"
	[[ $1 != c ]] || passwords_of "$1"
	check "$1: the server lives" kill -0 "$2"
	check "$1: and serves the honest" honest
	check "$1: the slow are cut off" wait "${slow[$1]}"
	by_user "$alice" rm -f "$folder/share/alice/data" "$folder/share/alice/by-password"
}

begin
trap servers_end EXIT
command -v python3 >/dev/null || give_up "needs python3"
programs_copy
write_raw
write_attacker
person_add alice
person_add bob
person_add mallory
person_add sloth
printf '[account S-1-22-1-%s]\nlogon = yes\n' "$server_uid" >"$folder/.policy"
printf '%s:%s\nroot:*\n' "$alice_name" "$(perl -e 'print crypt("right horse", "\$6\$salt\$")')" >"$folder/.passwords"
share_start share "policy=$folder/.policy" || exit 1
# a thread that went on as a client could not read them any more
cp "$folder/.passwords" "$folder/share/passwords"
"$GUISE" set "$folder/share/passwords" "D:P(A;;FR;;;S-1-22-1-$server_uid)" || exit 1
install -d -o "$server_uid" -m 0755 "$folder/run"
objects_make || exit 1
serial_alice=$(grant "$alice" "$server_uid" impersonate)
serial_bob=$(grant "$bob" "$server_uid" impersonate)
serial_mallory=$(grant "$mallory" "$server_uid" impersonate)
serial_identify=$(grant "$mallory" "$server_uid" identify)
serial_other=$(grant "$mallory" "$bob" impersonate)
serial_revoked=$(grant "$mallory" "$server_uid" impersonate)
by_user "$mallory" "$GUISE" token revoke "$serial_revoked"
check "the server itself does not read hers" itself_is_refused alice
check "the server itself does not read his" itself_is_refused bob
python=(env ${sanitizer:+LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0} python3 "$folder/.bin/fileserver.py")
check "C: not a guisefs mount" fails_to_start "$folder/.bin/fileserver"
check "Python: not a guisefs mount" fails_to_start "${python[@]}"
check "C server" server_start c "$folder/.bin/fileserver" "$folder/run/c" "$folder/share" "$folder/share/passwords"
check "Python server" server_start python "${python[@]}" "$folder/run/python" "$folder/share"
slow_start c
slow_start python
server_check c "${servers[0]}"
server_check python "${servers[1]}"
finish
