# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2086
# Shared by ad-up, ad-down and ad-run.  Not a program.
#
# A lab is one work folder W.  All of it lies there, but for the namespaces, which
# vanish with the processes that hold them.

prog=${0##*/}
say() { printf '%s: %s\n' "$prog" "$*"; }
die() { printf '%s: error: %s\n' "$prog" "$*" >&2; exit 1; }

# need_work FOLDER: makes W absolute, and fit for Unix sockets (108 bytes).
need_work() {
	[ -n "${1:-}" ] || die "no work folder given (see --help)"
	[ "$(id -u)" = 0 ] || die "must be root (namespaces, ports below 1024)"
	W=$(realpath -m -- "$1") || die "bad work folder: $1"
	case $W in
	/ | /tmp | /var | /home | /root | /etc | /usr | /run)
		die "$W is not a private work folder" ;;
	*[!A-Za-z0-9_./+-]*)
		die "$W: use only letters, digits and _ . / + - in the path" ;;
	esac
	[ ${#W} -le 64 ] || die "$W is too long: at most 64 characters, or" \
		"Samba's socket paths do not fit in a socket's address"
}

# A pid file holds "PID STARTTIME", so that no recycled pid is ever signalled.
starttime() { # PID
	local s
	{ s=$(cat "/proc/$1/stat"); } 2>/dev/null || return 1
	s=${s##*) }
	set -- $s # state ppid ...
	case $1 in Z | X) return 1 ;; esac # dead, not yet reaped
	printf '%s' "${20}"
}
save_pid() { printf '%s %s\n' "$1" "$(starttime "$1")" >"$2"; }
live_pid() { # FILE: prints the pid if that very process still runs
	local p t
	[ -r "$1" ] || return 1
	read -r p t <"$1" || return 1
	[ -n "$p" ] && [ -n "$t" ] || return 1
	[ "$(starttime "$p")" = "$t" ] || return 1
	printf '%s' "$p"
}

# in_lab COMMAND...: in the lab's network and mount namespace
in_lab() {
	local h
	h=$(live_pid "$W/run/net.pid") || die "the lab in $W is not up"
	nsenter -t "$h" -n -m -- "$@"
}

# stop_machine NAME: ends the processes of one machine, which have a pid namespace of
# their own: with its first process the kernel ends the rest.
stop_machine() {
	local f=$W/run/$1.pid p c i
	if p=$(live_pid "$f"); then
		c=$(pgrep -P "$p") || c=
		for i in $c; do kill -TERM "$i" 2>/dev/null || :; done
		for i in $(seq 100); do
			live_pid "$f" >/dev/null || break
			sleep .1
		done
		if p=$(live_pid "$f"); then
			kill -KILL "$p" 2>/dev/null || :
			for i in $(seq 100); do
				live_pid "$f" >/dev/null || break
				sleep .1
			done
		fi
	fi
	rm -f "$f"
}
stop_all() {
	local p i
	stop_machine fs2 &
	stop_machine fs1 &
	wait
	stop_machine dc1
	if p=$(live_pid "$W/run/net.pid"); then
		kill -KILL "$p" 2>/dev/null || :
		for i in $(seq 100); do
			live_pid "$W/run/net.pid" >/dev/null || break
			sleep .05
		done
	fi
	rm -f "$W/run/net.pid" "$W/run/net.ready"
}

# machine_setup NAME: prints what gives a process the files of that machine
machine_setup() {
	printf "mount --bind '%s/%s/run' /run/samba\n" "$W" "$1"
	printf "mount --bind '%s/%s/etc/smb.conf' /etc/samba/smb.conf\n" "$W" "$1"
	[ "$1" = dc1 ] ||
		printf "mount --bind '%s/%s/etc/nsswitch.conf' /etc/nsswitch.conf\n" "$W" "$1"
}

# machine NAME COMMAND...: with that machine's files
machine() {
	local m=$1
	shift
	in_lab unshare -m --propagation slave -- sh -ec "$(machine_setup "$m")
		exec \"\$@\"" sh "$@"
}

# start_machine NAME SCRIPT: its daemons, in a pid namespace of their own; the script sets
# \$pids, which are told to end when the machine is.
start_machine() {
	local m=$1 p
	live_pid "$W/run/$m.pid" >/dev/null && return
	# pids repeat in a new pid namespace: an old pid file would make daemons think they already run
	find "$W/$m/run" -mindepth 1 -delete
	in_lab true # fails early, and loudly
	(
		exec setsid nsenter -t "$(live_pid "$W/run/net.pid")" -n -m -- \
			unshare -m -p --fork --kill-child --mount-proc \
			--propagation slave -- sh -c "$(machine_setup "$m")
			pids=
			trap 'kill \$pids 2>/dev/null; wait; exit 0' TERM
			$2
			wait" 9>&- </dev/null >"$W/$m/log/out" 2>&1
	) &
	p=$!
	disown
	sleep .05
	save_pid $p "$W/run/$m.pid"
}

# What the machines run.
start_dc1() {
	start_machine dc1 "samba -F --no-process-group -s '$W/dc1/etc/smb.conf' & pids=\$!"
}
start_fs1() {
	start_machine fs1 "winbindd -F --no-process-group -s '$W/fs1/etc/smb.conf' & pids=\$!"
}
start_fs2() {
	start_machine fs2 "sssd -i --logger=files & pids=\$!"
}
