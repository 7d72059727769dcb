#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A real smbd, a server of its own with accounts of this host: a folder that it wrote on a mount, a
# folder that a mount wrote through smbd, and mounts that smbd exports.  Needs $GUISEFS, $GUISE and the
# programs that tools/deps --domain provides in $LAB_PROGRAMS.
#
# It has namespaces of its own for network, mounts and processes; nothing outside is changed.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

[[ -z ${GUISEFS_DEPS:-} ]] || LAB_PROGRAMS=$GUISEFS_DEPS/domain
PASSWORD=Passw0rd
declare -A uid=([alice]=58741 [bob]=58742 [carol]=58743 [dave]=58744)
STAFF=58750

outside()
{
	need_mounts
	[[ -e $LAB_PROGRAMS/usr/sbin/smbd && -e $LAB_PROGRAMS/usr/bin/smbclient ]] ||
		give_up "no Samba here (tools/deps --domain)"
	unshare -n -m -p --fork --kill-child --mount-proc true || give_up "no namespaces here"
	exec unshare -n -m -p --fork --kill-child --mount-proc "$(readlink -f "$0")" inside
}

# --- the host inside ---

# /usr, /etc and /var with Samba's programs laid over them, and room to write.
layers_make()
{
	local name below
	mount -t tmpfs none /mnt && for name in usr etc var; do
		below=/$name
		[[ ! -d $LAB_PROGRAMS/$name ]] || below=$LAB_PROGRAMS/$name:/$name
		mkdir "/mnt/$name" "/mnt/$name.work" &&
			mount -t overlay none -o "lowerdir=$below,upperdir=/mnt/$name,workdir=/mnt/$name.work" "/$name" || return
	done
	mount -t tmpfs -o mode=0755 none /run && mkdir -p /run/samba /etc/samba /var/log/samba /var/cache/samba \
		/var/lib/samba/private && chmod 700 /var/lib/samba/private && ip link set lo up
}

people_make()
{
	local name
	printf '%s\n' 'passwd: files' 'group: files' 'shadow: files' 'hosts: files' >/etc/nsswitch.conf
	rm -rf /etc/sssd
	for name in alice bob carol dave; do
		printf '%s:x:%s:%s::/:/bin/sh\n' "$name" "${uid[$name]}" "${uid[$name]}" >>/etc/passwd
		printf '%s:x:%s:\n' "$name" "${uid[$name]}" >>/etc/group
	done
	printf 'gstaff:x:%s:alice,dave\n' "$STAFF" >>/etc/group
}

smbd_configure()
{
	cat >/etc/samba/smb.conf <<-END
		[global]
			server role = standalone server
			server min protocol = NT1
			netbios name = SOLO
			workgroup = SOLO
			interfaces = lo
			bind interfaces only = yes
			disable netbios = yes
			smb ports = 445
			load printers = no
			printcap name = /dev/null
			disable spoolss = yes
			map to guest = never
			logging = file
			log file = /var/log/samba/log
			idmap config * : backend = tdb
			idmap config * : range = 1000000-1999999
			read only = no
		# an ordinary folder
		[there]
			path = $folder/.there
			vfs objects = acl_xattr
			acl_xattr:ignore system acls = yes
		[strict]
			path = $folder/.there
			vfs objects = acl_xattr
		# a mount
		[mount]
			path = $folder/mount
			vfs objects = acl_xattr aio_pthread
			acl_xattr:ignore system acls = yes
			acl_xattr:security_acl_name = system.guise.ntacl
			aio_pthread:aio open = yes
		[posix]
			path = $folder/mount
			kernel oplocks = yes
			strict locking = yes
	END
}

# await COMMAND...: until it succeeds
await()
{
	local i
	for i in {1..600}; do
		"$@" >/dev/null 2>&1 && return
		sleep 0.1
	done
	printf 'never: %s\n' "$*"
	return 1
}

smbd_answers()
{
	smbclient //127.0.0.1/there -U "alice%$PASSWORD" -c 'pwd'
}

smbd_start()
{
	local name
	smbd_configure && for name in alice bob carol dave; do
		printf '%s\n%s\n' "$PASSWORD" "$PASSWORD" | smbpasswd -s -a "$name" || return
	done
	setsid smbd -F --no-process-group </dev/null >/var/log/samba/smbd 2>&1 &
	setsid winbindd -F --no-process-group </dev/null >/var/log/samba/winbindd 2>&1 &
	await smbd_answers && await wbinfo -p && machine=$(net getlocalsid | sed 's/.*: //') && [[ $machine == S-1-5-21-* ]] &&
		for name in alice bob carol dave; do
			sid[$name]=$(wbinfo -n "$name" | cut -d' ' -f1) && [[ ${sid[$name]} == "$machine"-* ]] || return
		done
}

# smb USER SHARE COMMANDS
smb()
{
	(cd "$folder/local" && stdbuf -oL smbclient "//127.0.0.1/$2" -U "$1%$PASSWORD" -c "$3")
}

# acls USER SHARE FILE [OPTIONS]
acls()
{
	smbcacls "//127.0.0.1/$2" "$3" -U "$1%$PASSWORD" "${@:4}"
}

as()
{
	local name=$1
	shift
	setpriv --reuid="${uid[$name]}" --regid="${uid[$name]}" --init-groups -- "$@"
}

sddl_of()
{
	getfattr --absolute-names --only-values -n system.guise.sddl "$1"
}

# what USER may do with a file: "rw", "r-", "-w" or "--", on a mount, or by SMB
may()
{
	local said=''
	as "$1" cat "$2" >/dev/null 2>&1 && said=r || said=-
	as "$1" sh -c 'exec 3<>"$1"' sh "$2" 2>/dev/null && said+=w || said+=-
	printf '%s' "$said"
}

# The same of several files by SMB, in one connection: opened to read, and to write nothing.
smb_may()
{
	local name commands='' said
	for name in "${@:3}"; do
		commands+="open \"$name\"; reput nothing \"$name\";"
	done
	said=$(smb "$1" "$2" "$commands" 2>&1)
	printf '%s\n' "$said" >>"$folder/.said"
	sed -n 's/^open file .*/r/p; s/^Failed to open file.*_DENIED.*/-/p; s/^putting file .*/w /p; s/^NT_STATUS_ACCESS_DENIED opening .*/- /p' \
		<<<"$said" | tr -d '\n'
}

# everybody MOUNTPOINT SHARE FILE WANTED [FILE WANTED...]: alice, bob, carol and dave, by both ways
everybody()
{
	local at=$1 share=$2 name file number=0 local_said smb_said wanted
	local -a files=() words
	shift 2
	for file in "$@"; do
		((number++ % 2)) || files+=("${file//\//\\}")
	done
	: >"$folder/.said"
	for name in alice bob carol dave; do
		local_said='' wanted=''
		for ((number = 1; number < $#; number += 2)); do
			local_said+=$(may "$name" "$at/${!number}")' '
			file=$((number + 1))
			read -ra words <<<"${!file}"
			case $name in
			alice) wanted+=${words[0]}' ' ;;
			bob) wanted+=${words[1]}' ' ;;
			carol) wanted+=${words[2]}' ' ;;
			dave) wanted+=${words[3]}' ' ;;
			esac
		done
		smb_said=$(smb_may "$name" "$share" "${files[@]}")
		[[ $local_said == "$wanted" && $smb_said == "$wanted" ]] && continue
		printf '%s: %s\non the mount %s\nby SMB %s\nwanted %s\n' "$name" "$*" "$local_said" "$smb_said" "$wanted"
		cat "$folder/.said"
		return 1
	done
}

# owner, group and ACEs of a file as SMB shows them and as a mount does, in SDDL, one a line
smb_parts()
{
	acls "$1" "$2" "$3" --sddl --domain-sid=S-1-5-21-1-1-1 | tr -d '\n' |
		sed 's/0x001f01ff/FA/g; s/0x00120089/FR/g; s/;0x00/;0x/g; s/D:[A-Z]*/\n/; s/(/\n(/g' | sort
}

parts()
{
	sddl_of "$1" | sed 's/S:.*//; s/D:[A-Z]*/\n/; s/(/\n(/g' | sort
}

# same_parts MOUNTPOINT SHARE FILE [USER]
same_parts()
{
	local shown
	shown=$(smb_parts "${4:-alice}" "$2" "$3") && printf '%s\n' "$shown" && [[ $shown == *"(A;"* ]] &&
		diff <(parts "$1/$3") - <<<"$shown"
}

# --- a folder that smbd wrote ---

smbd_writes()
{
	chmod 0777 "$folder/.there" && smb alice there 'mkdir d' &&
		acls alice there d -S 'ACL:SOLO\carol:DENIED/OI|CI/FULL,ACL:SOLO\alice:ALLOWED/OI|CI/FULL,ACL:SOLO\bob:ALLOWED/OI|CI/READ,ACL:Unix Group\gstaff:ALLOWED/OI|CI/CHANGE,ACL:Creator Owner:ALLOWED/OI|CI|IO/FULL' &&
		smb alice there 'put probe d\file; mkdir d\sub; put probe d\sub\file; put probe d\other' &&
		acls alice there 'd\other' -a 'ACL:SOLO\bob:ALLOWED/0x0/FULL'
}

what_smbd_wrote_is_shown()
{
	local name
	for name in d d/file d/sub d/sub/file d/other; do
		same_parts "$folder/there" there "$name" || return
	done
	[[ $(sddl_of "$folder/there/d/file") == "O:${sid[alice]}"* ]]
}

what_smbd_wrote_is_enforced()
{
	everybody "$folder/there" there d/file 'rw r- -- rw' d/sub/file 'rw r- -- rw' d/other 'rw rw -- rw' && ! as carol ls "$folder/there/d" &&
		! as bob touch "$folder/there/d/new" && as bob ls "$folder/there/d/sub"
}

what_smbd_wrote_is_inherited()
{
	as dave sh -c "echo text >'$folder/there/d/new'" && [[ $(sddl_of "$folder/there/d/new") == "O:${sid[dave]}"* ]] &&
		[[ $(stat -c %u "$folder/.there/d/new") == "${uid[dave]}" ]] &&
		diff <(parts "$folder/there/d/new" | grep '^(' | sed "s/${sid[dave]}/${sid[alice]}/" | sort -u) \
			<(parts "$folder/there/d/file" | grep '^(' | sort -u) &&
		same_parts "$folder/there" there d/new && everybody "$folder/there" there d/new 'rw r- -- rw'
}

# Without the machine's SID in the policy such descriptors mean nobody: then nobody has anything by them.
without_the_machine_s_sid_nobody_is_meant()
{
	share_start unmapped && umount "$folder/unmapped" && "$GUISEFS" "$folder/.there" "$folder/unmapped" -o "log=$folder/log" &&
		[[ $(may bob "$folder/unmapped/d/file")$(may carol "$folder/unmapped/d/sub/file") == ---- ]]
	local status=$?
	umount "$folder/unmapped"
	return $status
}

# --- a folder that a mount wrote ---

the_mount_writes()
{
	local at=$folder/there/m
	as alice mkdir "$at" &&
		as alice "$GUISE" set "$at" "D:P(D;OICI;FA;;;S-1-22-1-${uid[carol]})(A;OICI;FA;;;${sid[alice]})(A;OICI;0x1200a9;;;S-1-22-1-${uid[bob]})(A;OICI;0x1301bf;;;S-1-22-2-$STAFF)(A;OICIIO;FA;;;CO)" &&
		as alice sh -c "echo text >'$at/file'; mkdir '$at/sub'; echo text >'$at/sub/file'" &&
		as dave sh -c "echo text >'$at/of dave'"
}

what_the_mount_wrote_is_shown()
{
	local name
	for name in m m/file m/sub/file 'm/of dave'; do
		same_parts "$folder/there" there "$name" || return
	done
}

what_the_mount_wrote_is_enforced()
{
	everybody "$folder/there" there m/file 'rw r- -- rw' m/sub/file 'rw r- -- rw' 'm/of dave' 'rw r- -- rw'
}

# chmod keeps what it took in the same attribute; smbd sees the narrowed descriptor.
a_narrowed_descriptor_is_enforced()
{
	as alice chmod 600 "$folder/there/m/file" && everybody "$folder/there" there m/file 'rw -- -- --' &&
		as alice chmod 770 "$folder/there/m/file" && everybody "$folder/there" there m/file 'rw r- -- rw'
}

# As acl_xattr is by default it believes a descriptor by the hash of what goes with it on the backing folder: what the
# mount stored is shown and enforced, whoever stored it and however.
by_the_hash_what_the_mount_wrote_is_believed()
{
	local name at=$folder/there
	for name in m m/file m/sub m/sub/file 'm/of dave'; do
		same_parts "$at" strict "$name" || return
	done
	everybody "$at" strict m/file 'rw r- -- rw' m/sub/file 'rw r- -- rw' 'm/of dave' 'rw r- -- rw'
}

# Descriptors that are more than a POSIX ACL can say, so that this one would not do as well.
shown_as_stored()
{
	local name
	for name in "$@"; do
		same_parts "$folder/there" strict "$name" && [[ $(sddl_of "$folder/there/$name") == *"(A;"*"0x110002;;;${sid[dave]})"* ]] || return
	done
}

by_the_hash_changes_are_believed()
{
	local at=$folder/there more="(A;;0x110002;;;${sid[dave]})"
	as alice sh -c "echo text >'$at/m/changed'; mkdir '$at/m/changes'; touch '$at/m/changes/file'" &&
		as alice "$GUISE" set "$at/m/changed" "D:P(A;;FA;;;${sid[alice]})$more" && shown_as_stored m/changed &&
		setfattr -n system.guise.sddl -v "D:P(A;OICI;FA;;;${sid[alice]})$more" "$at/m/changes" && shown_as_stored m/changes &&
		as alice chmod 1777 "$at/m/changes" && same_parts "$at" strict m/changes &&
		as alice chmod 700 "$at/m/changed" && same_parts "$at" strict m/changed &&
		as alice chmod 770 "$at/m/changed" && shown_as_stored m/changed &&
		chown dave:gstaff "$at/m/changed" && same_parts "$at" strict m/changed dave &&
		chgrp gstaff "$at/m/changes" && same_parts "$at" strict m/changes &&
		as alice sh -c "umask 077; echo text >'$at/m/private'" && same_parts "$at" strict m/private
}

# What else is done to the backing object makes the hash another, and the POSIX ACL counts for smbd; for the mount it is
# the descriptor that does.
after_a_change_behind_the_posix_acl_counts()
{
	local at=$folder/there
	as alice sh -c "echo text >'$at/m/behind'; mkdir '$at/m/dir behind'" &&
		same_parts "$at" strict m/behind && same_parts "$at" strict 'm/dir behind' &&
		chmod g-rwx "$folder/.there/m/behind" && setfacl -d -m u:bob:r "$folder/.there/m/dir behind" &&
		! same_parts "$at" strict m/behind >/dev/null && ! same_parts "$at" strict 'm/dir behind' >/dev/null &&
		[[ $(smb_may dave strict 'm\behind')$(smb_may bob strict 'm\behind') == '-- -- ' ]] &&
		[[ $(may dave "$at/m/behind") == rw && $(may bob "$at/m/behind") == r- ]] &&
		as alice chmod 770 "$at/m/behind" && same_parts "$at" strict m/behind && everybody "$at" strict m/behind 'rw r- -- rw' &&
		as alice chmod 770 "$at/m/dir behind" && same_parts "$at" strict 'm/dir behind' &&
		as alice mkdir "$at/m/dir behind/sub" && [[ $(getfacl -cdp "$folder/.there/m/dir behind/sub") == *user:bob:r* ]] &&
		same_parts "$at" strict 'm/dir behind/sub'
}

# --- a mount that smbd exports ---

the_mount_is_filled()
{
	local at=$folder/mount
	"$GUISE" set "$at" 'D:P(A;OICI;FA;;;SY)(A;OICIIO;FA;;;CO)(A;;0x1201bf;;;WD)' && chmod 0700 "$folder/.mount" &&
		as alice sh -c "cd '$at' && echo text >own && echo text >user && echo text >group && mkdir closed && echo text >closed/file && mkdir drop" &&
		"$GUISE" set "$at/drop" 'D:P(A;OICI;FA;;;SY)(A;OICIIO;FA;;;CO)(A;;FA;;;WD)' &&
		"$GUISE" set "$at/user" "D:P(A;;FA;;;S-1-22-1-${uid[alice]})(A;;FR;;;S-1-22-1-${uid[bob]})" &&
		"$GUISE" set "$at/group" "D:P(D;;FW;;;${sid[alice]})(A;;FA;;;S-1-22-2-$STAFF)"
}

everybody_has_by_smb_what_it_has_here()
{
	everybody "$folder/mount" "$1" own 'rw -- -- --' user 'rw r- -- --' group 'r- -- -- rw' closed/file 'rw -- -- --'
}

# SHARE FOLDER
what_is_made_by_smb_is_its_makers()
{
	local name at=$folder/mount/$2 behind=$folder/.mount/$2
	for name in alice bob; do
		smb "$name" "$1" "cd $2; put probe $1-$name; mkdir $1-dir-$name; put probe $1-dir-$name\\file" &&
			[[ $(stat -c %u "$behind/$1-$name" "$behind/$1-dir-$name/file") == "${uid[$name]}"$'\n'"${uid[$name]}" ]] &&
			[[ $(sddl_of "$at/$1-dir-$name/file") == "O:${sid[$name]}"*"D:"*"(A;"?(ID)";FA;;;SY)(A;"?(ID)";FA;;;${sid[$name]})" ]] || return
	done
	everybody "$folder/mount" "$1" "$2/$1-bob" '-- rw -- --'
}

# What is bob's nobody else removes, renames or replaces.
nobody_does_it_as_root()
{
	local name command commands=''
	for command in 'del mount-bob' 'rename mount-bob x' 'put probe mount-bob' 'deltree mount-dir-bob' 'rmdir mount-dir-bob' \
		'del mount-dir-bob\file' 'setmode mount-bob +h' 'mkdir mount-dir-bob\x' 'put probe mount-dir-bob\x' 'hardlink mount-bob x'; do
		commands+="$command; "
	done
	for name in alice carol; do
		smb "$name" "$1" "$commands" 2>&1
	done
	[[ $(ls "$folder/mount/mount-dir-bob") == file && ! -e $folder/mount/x ]] &&
		everybody "$folder/mount" "$1" mount-bob '-- rw -- --' mount-dir-bob/file '-- rw -- --'
}

# One connection, one process of smbd, two users by turns: each open is its own user's.  By the dialect in which
# users of a connection share a connected share.
two_users_of_one_process()
{
	local said
	said=$(cd "$folder/local" && smbclient "//127.0.0.1/$1" -m NT1 --option='client min protocol=NT1' -U "alice%$PASSWORD" \
		-c "open own; logon bob $PASSWORD; open own; open mount-bob; put probe $2\\$1-turns; vuid" 2>&1)
	printf '%s\n' "$said"
	[[ $(grep -c 'own.* for read/write' <<<"$said") == 1 && $(grep -c 'own. NT_STATUS_ACCESS_DENIED' <<<"$said") == 1 ]] &&
		[[ $(grep -c "mount-bob.* for read/write" <<<"$said") == 1 ]] &&
		[[ $(stat -c %u "$folder/.mount/$2/$1-turns") == "${uid[bob]}" ]]
}

descriptors_are_set_by_smb()
{
	local at=$folder/mount
	acls bob mount mount-bob -a 'ACL:SOLO\carol:ALLOWED/0x0/READ' && same_parts "$at" mount user &&
		[[ $(sddl_of "$at/mount-bob") == *"(A;;0x1200a9;;;${sid[carol]})"* ]] &&
		everybody "$at" mount mount-bob '-- rw r- --' &&
		! acls carol mount mount-bob -a 'ACL:SOLO\carol:ALLOWED/0x0/FULL' &&
		! acls carol mount mount-bob -C 'SOLO\carol' && ! acls bob mount mount-bob -C 'SOLO\carol' &&
		[[ $(sddl_of "$at/mount-bob") == "O:${sid[bob]}"* ]] &&
		acls bob mount mount-dir-bob -a 'ACL:SOLO\carol:ALLOWED/OI|CI/READ' && smb bob mount 'put probe mount-dir-bob\later' &&
		everybody "$at" mount mount-dir-bob/later '-- rw r- --'
}

# Without acl_xattr smbd goes by the nearest POSIX ACL first: what it shows, and what may be less.
posix_shows_the_nearest()
{
	local said
	said=$(acls alice posix user) && printf '%s\n' "$said" && [[ $said == *'OWNER:SOLO\alice'* && $said == *'ACL:SOLO\bob:ALLOWED/0x0/R'* ]] &&
		everybody "$folder/mount" posix user 'rw r- -- --'
}

# ... and what it sets is a POSIX ACL.
posix_sets_a_list()
{
	local listed=$folder/mount/drop/listed
	smb alice posix 'put probe drop\listed' && ! as carol cat "$listed" && acls alice posix 'drop\listed' -a 'ACL:SOLO\carol:ALLOWED/0x0/READ' >/dev/null &&
		as carol cat "$listed" >/dev/null && ! as dave cat "$listed" && ! acls carol posix 'drop\listed' -a 'ACL:SOLO\dave:ALLOWED/0x0/READ' >/dev/null
}

# A group that the server has a name for is known by its SID and by its Unix id.
groups_of_the_server_are_known()
{
	local group
	net groupmap add ntgroup=gstaff unixgroup=gstaff type=local && net cache flush && group=$(wbinfo -G "$STAFF") && [[ $group == "$machine"-* ]] &&
		"$GUISE" policy reload && [[ $(as dave "$GUISE" whoami "$folder/mount") == *"$group"*"S-1-22-2-$STAFF"* ]] &&
		"$GUISE" set "$folder/mount/group" "D:P(A;;FR;;;$group)" && everybody "$folder/mount" mount group 'r- -- -- r-'
}

# With leases in the kernel: what one side writes the other reads.
an_oplock_is_no_hindrance()
{
	smb alice posix 'put probe drop\shared' && as alice sh -c "echo more >>'$folder/mount/drop/shared'" && smb alice posix 'get drop\shared got' &&
		[[ $(<"$folder/local/got") == $'probe\nmore' ]]
}

inside()
{
	local name
	declare -A sid
	begin
	mkdir "$folder/local" "$folder/.there" "$folder/.mount" "$folder/.unmapped"
	echo probe >"$folder/local/probe"
	: >"$folder/local/nothing"
	check "the host" layers_make
	check "people" people_make
	check "smbd" smbd_start
	((failed == 0)) || finish
	printf '[domain]\nmapping=winbind\nmachine=%s\n' "$machine" >"$folder/policy"
	chmod 600 "$folder/policy"
	check "smbd writes" smbd_writes
	check "mount" share_start there "policy=$folder/policy"
	for name in what_smbd_wrote_is_shown what_smbd_wrote_is_enforced what_smbd_wrote_is_inherited \
		without_the_machine_s_sid_nobody_is_meant the_mount_writes what_the_mount_wrote_is_shown \
		what_the_mount_wrote_is_enforced a_narrowed_descriptor_is_enforced by_the_hash_what_the_mount_wrote_is_believed \
		by_the_hash_changes_are_believed after_a_change_behind_the_posix_acl_counts; do
		check "$name" "$name"
	done
	check "mount to export" share_start mount "policy=$folder/policy"
	check "what to export" the_mount_is_filled
	check "mount: everybody has by SMB what it has here" everybody_has_by_smb_what_it_has_here mount
	check "mount: what is made by SMB is its maker's" what_is_made_by_smb_is_its_makers mount .
	check "mount: nobody does it as root" nobody_does_it_as_root mount
	check "mount: two users of one process" two_users_of_one_process mount drop
	check "posix: everybody has by SMB what it has here" everybody_has_by_smb_what_it_has_here posix
	check "posix: what is made by SMB is its maker's" what_is_made_by_smb_is_its_makers posix drop
	check "posix: nobody does it as root" nobody_does_it_as_root posix
	check "posix: two users of one process" two_users_of_one_process posix drop
	check "posix: shows the nearest POSIX ACL" posix_shows_the_nearest
	check "posix: sets a POSIX ACL" posix_sets_a_list
	check "posix: an oplock is no hindrance" an_oplock_is_no_hindrance
	check "mount: descriptors are set by SMB" descriptors_are_set_by_smb
	check "mount: groups of the server are known" groups_of_the_server_are_known
	check "unmount" share_stop there
	check "unmount" share_stop mount
	finish
}

if [[ ${1:-} == inside ]]; then
	inside
else
	outside
fi
