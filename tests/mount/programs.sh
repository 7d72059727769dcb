#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ordinary programs on a mount: copying, archiving, versioning, editing, compiling, locking, watching.
# Needs $GUISEFS, $GUISE and $DEED (see deed.c).
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

LONG_NAME=$(printf 'n%.0s' {1..255})

# tree_make FOLDER: files of all sorts that a user has.
tree_make()
{
	local at=$1 i
	mkdir -p "$at/sub/deeper/deepest" "$at/empty" &&
		: >"$at/zero" &&
		head -c 3145728 /dev/urandom >"$at/big" &&
		truncate -s 1M "$at/sparse" && printf tail >>"$at/sparse" &&
		printf 'text\n' >"$at/sub/text" &&
		ln "$at/sub/text" "$at/sub/deeper/second name" &&
		ln -s ../sub/text "$at/sub/link" && ln -s nowhere "$at/broken" && ln -s sub "$at/folderlink" &&
		printf 'ü' >"$at/Grüße-日本-🦔" && printf 'long' >"$at/$LONG_NAME" &&
		printf 'fixed' >"$at/readonly" && chmod 0444 "$at/readonly" &&
		printf '#!/bin/sh\necho ran\n' >"$at/script" && chmod 0755 "$at/script" &&
		printf 'private' >"$at/private" && chmod 0600 "$at/private" &&
		setfattr -n user.note -v 'a value' "$at/sub/text" &&
		setfattr -n user.note -v 'of a folder' "$at/sub/deeper" || return
	for i in {1..40}; do
		printf 'file %d\n' "$i" >"$at/sub/deeper/deepest/f$i" || return
	done
	touch -d '2001-02-03 04:05:06.789' "$at/sub/text" "$at/sub"
}

# What a tree holds: kinds, sizes, link counts, targets, contents, attributes; and modes
# if $MODES says so, since chmod=mask only narrows what is inherited.
tree_tell()
{
	cd "$1" || return
	find . -mindepth 1 -printf '%y %P %l' \( -type f -printf ' %s %n' -o -true \) -printf '\n' | sort
	[[ $MODES == any ]] || find . -mindepth 1 ! -type l -printf '%m %P\n' | sort
	find . -type f -print0 | sort -z | xargs -0 sha256sum
	find . \( -type f -o -type d \) -print0 | sort -z | xargs -0 getfattr -d -m '^user\.'
}
export -f tree_tell tree_make
export LONG_NAME

tree_same()
{
	diff -r --no-dereference "$1" "$2" && diff <(tree_tell "$1") <(tree_tell "$2")
}

copy_cp()
{
	cp -a "$1" "$2/cp" && tree_same "$1" "$2/cp" &&
		[[ $(stat -c %y "$1/sub/text") == "$(stat -c %y "$2/cp/sub/text")" ]] &&
		[[ $("$2/cp/script") == ran ]]
}

copy_tar()
{
	mkdir "$2/tar" && tar -C "$1" --xattrs -cf - . | tar -C "$2/tar" --xattrs -xpf - &&
		MODES=any tree_same "$1" "$2/tar" && # it trusts the mode that it creates with
		tar -C "$2/tar" -cf "$2/made.tar" . && tar -C "$2/tar" -df "$2/made.tar"
}

copy_rsync()
{
	local again
	rsync -aHX "$1/" "$2/rsync" && tree_same "$1" "$2/rsync" &&
		again=$(rsync -aHXi "$1/" "$2/rsync") && printf '%s\n' "$again" &&
		if [[ $MODES == any ]]; then ! grep -q '^[<>c*]' <<<"$again"; else [[ -z $again ]]; fi
}

# acl_make FOLDER: files and folders with POSIX ACLs, some of which were inherited.
acl_make()
{
	local at=$1
	mkdir -p "$at/sub" "$at/plain" && printf a >"$at/none" && printf b >"$at/named" && printf c >"$at/masked" &&
		# rsync makes files private first, and lets chmod=mask bring back what they inherited
		{ [[ $MODES == any ]] || printf d >"$at/sub/before"; } && setfacl -m u:64002:rw,g:64201:x "$at/named" &&
		setfacl -m g:64201:rw,m::r "$at/masked" && setfacl -m u:64002:rx "$at/sub" &&
		setfacl -d -m u:64002:rwx,g:64201:r,o::- "$at/sub" && printf e >"$at/sub/after" &&
		printf f >"$at/sub/private" && chmod 0600 "$at/sub/private" && mkdir "$at/sub/deeper"
}

# The ACLs below FOLDER; of what has none, that.
acl_tell()
{
	cd "$1" && find . | sort | xargs getfacl -psn
}

acl_same()
{
	diff <(acl_tell "$1") <(acl_tell "$2")
}

# From an ordinary folder to the mount, there, and back.
copy_acls()
{
	local from=$1.acl to=$2
	rm -rf "$from" "$from.back" && acl_make "$from" && [[ $(acl_tell "$from" | grep -c ^default:) -gt 5 ]] &&
		cp -a "$from" "$to/acl-cp" && acl_same "$from" "$to/acl-cp" &&
		rsync -aAX "$from/" "$to/acl-rsync" && acl_same "$from" "$to/acl-rsync" &&
		mkdir "$to/acl-tar" && tar -C "$from" --acls -cf - . | tar -C "$to/acl-tar" --acls -xpf - &&
		acl_same "$from" "$to/acl-tar" &&
		cp -a "$to/acl-cp" "$to/acl-cp2" && acl_same "$from" "$to/acl-cp2" &&
		rsync -aAX "$to/acl-rsync/" "$to/acl-rsync2" && acl_same "$from" "$to/acl-rsync2" &&
		cp -a "$to/acl-tar" "$from.back" && acl_same "$from" "$from.back" &&
		setfacl -R -b "$to/acl-cp" && [[ $(acl_tell "$to/acl-cp") == '' ]] &&
		rm -rf "$to"/acl-*
}

# Back from the mount to an ordinary folder.
copy_back()
{
	rm -rf "$1.back" && cp -a "$2/cp" "$1.back" && tree_same "$1" "$1.back"
}

git_make()
{
	mkdir "$1" && cd "$1" && git init -q . && cp -r "$2/." . && git add -A && git commit -qm first &&
		printf more >>sub/text && git commit -qam second && git gc -q
}

git_clone()
{
	cd "$2" && git clone -q "file://$1" clone && cd clone &&
		[[ -z $(git status --porcelain) ]] && git fsck --full --strict &&
		printf new >added && git add added && git commit -qm third &&
		git switch -qc other && git rm -qr sub && git commit -qm removed && git switch -q - &&
		git merge -q other && git gc -q && git fsck --full && [[ -z $(git status --porcelain) ]]
}

remove_all()
{
	rm -rf "$2/cp" "$2/tar" "$2/rsync" "$2/clone" "$2/made.tar" && [[ -z $(ls -A "$2") ]]
}

# trees_of USER SHARE: source and repository outside, copies on the share and back.
trees_of()
{
	local user=$1 share=$2 target=$folder/$2/$1 source repository step
	rm -rf "$folder/work-$user"
	install -d -o "$user" -g "$user" -m 0755 "$folder/work-$user"
	source=$folder/work-$user/tree
	repository=$folder/work-$user/repository
	export HOME=$folder/work-$user GIT_CONFIG_NOSYSTEM=1
	printf '[user]\n\tname = A\n\temail = a@example.org\n[safe]\n\tdirectory = *\n' >"$HOME/.gitconfig"
	check "$user, $share: source tree" run_as "$user" tree_make "$source"
	check "$user, $share: repository" run_as "$user" git_make "$repository" "$source"
	check "$user, $share: own folder" by_user "$user" mkdir "$target"
	for step in copy_cp copy_tar copy_rsync copy_acls copy_back; do
		check "$user, $share: $step" run_as "$user" "$step" "$source" "$target"
	done
	check "$user, $share: git_clone" run_as "$user" git_clone "$repository" "$target"
	check "$user, $share: rm -rf" run_as "$user" remove_all "$source" "$target"
}

run_as()
{
	local user=$1
	shift
	export -f "${FUNCTIONS[@]}"
	by_user "$user" bash -c 'set -o pipefail; "$@"' bash "$@"
}

move_across()
{
	mkdir "$1/from" "$1/to" && printf moved >"$1/from/file" && mkdir "$1/from/sub" &&
		printf inner >"$1/from/sub/file" && mv "$1/from/file" "$1/from/sub" "$1/to" &&
		[[ $(<"$1/to/file") == moved && $(<"$1/to/sub/file") == inner && -z $(ls -A "$1/from") ]] &&
		printf other >"$1/from/file" && mv -f "$1/from/file" "$1/to/file" &&
		[[ $(<"$1/to/file") == other ]] &&
		mv "$1/to/file" "$FOLDER/work-$USER_NAME/outside" && mv "$FOLDER/work-$USER_NAME/outside" "$1/back" &&
		[[ $(<"$1/back") == other ]]
}

edit_sed()
{
	printf 'one\ntwo\n' >"$1/edit" && chmod 0640 "$1/edit" && sed -i s/two/zwei/ "$1/edit" &&
		[[ $(<"$1/edit") == $'one\nzwei' ]] && [[ $MODES == any || $(stat -c %a "$1/edit") == 640 ]] &&
		[[ -z $(find "$1" -name 'sed*') ]]
}

edit_dd()
{
	printf 0123456789 >"$1/dd" &&
		printf ab | dd of="$1/dd" bs=1 seek=3 conv=notrunc status=none && [[ $(<"$1/dd") == 012ab56789 ]] &&
		dd if=/dev/zero of="$1/dd" bs=64k count=16 conv=fsync status=none &&
		[[ $(stat -c %s "$1/dd") == 1048576 ]] && cmp -n 1048576 "$1/dd" /dev/zero
}

edit_truncate()
{
	printf 0123456789 >"$1/cut" && truncate -s 4 "$1/cut" && [[ $(<"$1/cut") == 0123 ]] &&
		truncate -s 100000 "$1/cut" && [[ $(stat -c %s "$1/cut") == 100000 ]] &&
		[[ $(head -c 4 "$1/cut") == 0123 ]] && : >"$1/cut" && [[ ! -s $1/cut ]] &&
		printf 1 >>"$1/cut" && printf 2 >>"$1/cut" && [[ $(<"$1/cut") == 12 ]]
}

edit_fallocate()
{
	fallocate -l 1M "$1/room" && [[ $(stat -c %s "$1/room") == 1048576 ]] &&
		(($(stat -c '%b * %B' "$1/room") >= 1048576)) &&
		fallocate -n -l 2M "$1/room" && [[ $(stat -c %s "$1/room") == 1048576 ]] &&
		printf '%4096s%4096s' x y >"$1/punch" && fallocate -p -o 0 -l 4096 "$1/punch" &&
		cmp -n 4096 "$1/punch" /dev/zero && [[ $(tail -c 1 "$1/punch") == y ]]
}

# deed_lock KIND: another process has the lock, so we have not; when it ends we have.
deed_lock()
{
	local kind=$2 status=0 answer
	printf 0123456789 >"$1/lock"
	coproc HOLDER { "$DEED" lock "$1/lock" "$kind"; }
	local pid=$HOLDER_PID
	read -r answer <&"${HOLDER[0]}" && [[ $answer == locked ]] || return
	"$DEED" try "$1/lock" "$kind" || status=$?
	[[ $status == 3 ]] || { echo "status $status while locked" && return 1; }
	eval "exec ${HOLDER[1]}>&-"
	wait "$pid" && "$DEED" try "$1/lock" "$kind"
}

deed_map()
{
	printf 0123456789 >"$1/map" && "$DEED" map "$1/map" abc && [[ $(<"$1/map") == abc3456789 ]]
}

# Only a libfuse from 3.15 on passes O_TMPFILE on; without it programs take another way.
deed_tmpfile()
{
	local status=0
	"$DEED" tmpfile "$1" named words || status=$?
	((status != 4)) || return 0
	((status == 0)) && [[ $(<"$1/named") == words && $(stat -c %h "$1/named") == 1 ]]
}

# More than 4 GiB, nearly all of it a hole.
large_sparse()
{
	local start=5000000000
	truncate -s "$start" "$1/large" && printf end >>"$1/large" &&
		[[ $(stat -c %s "$1/large") == $((start + 3)) && $(tail -c 3 "$1/large") == end ]] &&
		(($(stat -c '%b * %B' "$1/large") < 1048576)) &&
		(($("$DEED" hole "$1/large") > 4294967296)) &&
		timeout 20 cp --sparse=always "$1/large" "$1/large2" && [[ $(tail -c 3 "$1/large2") == end ]] &&
		[[ $(stat -c %s "$1/large2") == $((start + 3)) ]] && rm "$1/large" "$1/large2"
}

# A database that four processes write to, in each way of keeping its journal.
database()
{
	local journal writer
	for journal in delete wal; do
		rm -f "$1/db"*
		sqlite3 "$1/db" "PRAGMA journal_mode=$journal; CREATE TABLE t(n); INSERT INTO t VALUES (0)" >/dev/null || return
		for writer in {1..4}; do
			printf "INSERT INTO t VALUES ($writer%d);\n" {1..25} | sqlite3 -cmd '.timeout 60000' "$1/db" &
		done
		wait
		[[ $(sqlite3 "$1/db" 'PRAGMA integrity_check; SELECT count(*) FROM t') == $'ok\n101' ]] || return
	done
}

# What is written comes back, by calls, past the cache and by a mapping.
verify_fio()
{
	local way
	for way in --ioengine=psync '--ioengine=psync --direct=1' --ioengine=mmap; do
		# shellcheck disable=SC2086
		fio --name=verify --directory="$1" --size=2m --bs=4k --rw=randwrite --verify=crc32c --verify_fatal=1 $way ||
			return
	done
	rm "$1/verify"*
}

# All attributes that are listed, whatever they are called; what is not listed needs no setting.
archive_everything()
{
	tar -C "$FOLDER/work-$USER_NAME/tree" --xattrs --xattrs-include='*' -cf "$1/all.tar" . && mkdir "$1/all" "$1/again" &&
		tar -C "$1/all" --xattrs --xattrs-include='*' -xpf "$1/all.tar" &&
		tar -C "$1/all" --xattrs --xattrs-include='*' -cf - . | tar -C "$1/again" --xattrs --xattrs-include='*' -xpf - &&
		MODES=any tree_same "$1/all" "$1/again" && [[ $(getfattr --only-values -n user.note "$1/again/sub/text") == 'a value' ]] &&
		rm -r "$1/all" "$1/again" "$1/all.tar"
}

copy_python()
{
	python3 -c 'import shutil, sys
shutil.copytree(sys.argv[1], sys.argv[2], symlinks=True)
shutil.copytree(sys.argv[2], sys.argv[3], symlinks=True)
shutil.move(sys.argv[3], sys.argv[3] + "-moved")
shutil.rmtree(sys.argv[3] + "-moved/sub")' "$FOLDER/work-$USER_NAME/tree" "$1/py" "$1/py2" &&
		diff -r --no-dereference "$FOLDER/work-$USER_NAME/tree" "$1/py" &&
		[[ $(getfattr --only-values -n user.note "$1/py/sub/text") == 'a value' && ! -e $1/py2 && ! -e $1/py2-moved/sub ]] && rm -r "$1/py" "$1/py2-moved"
}

# The ways in which editors save: a backup by rename or by copy, a new file over the old one.
edit_save()
{
	printf 'old' >"$1/note" && chmod 0640 "$1/note" && mv "$1/note" "$1/note~" && printf 'new' >"$1/note" &&
		chmod "$(stat -c 0%a "$1/note~")" "$1/note" && sync "$1/note" && rm "$1/note~" && [[ $(<"$1/note") == new ]] &&
		cp -p "$1/note" "$1/note.bak" && printf 'newer' >"$1/note" && rm "$1/note.bak" && [[ $(<"$1/note") == newer ]] &&
		printf 'newest' >"$1/.note.swp" && mv -f "$1/.note.swp" "$1/note" && [[ $(<"$1/note") == newest ]] &&
		printf 'in\n' | install -m 0644 /dev/stdin "$1/note" && [[ $(<"$1/note") == in ]] &&
		[[ $MODES == any || $(stat -c %a "$1/note") == 644 ]] && install -d "$1/made/of/folders" && install -D -m 0755 "$1/note" "$1/made/x/y" &&
		find "$1/made" -delete && [[ ! -e $1/made ]]
}

# As databases write a file that must be there whole after a crash.
durable_rename()
{
	python3 - "$1" <<-'END'
		import os, sys
		folder = sys.argv[1]
		at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
		for number in range(20):
		    data = b"%d " % number * 1000
		    fd = os.open("state.tmp", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=at)
		    os.posix_fallocate(fd, 0, 16384)
		    assert os.pwrite(fd, data, 0) == len(data)
		    os.ftruncate(fd, len(data))
		    os.fdatasync(fd)
		    os.fsync(fd)
		    os.close(fd)
		    os.rename("state.tmp", "state", src_dir_fd=at, dst_dir_fd=at)
		    os.fsync(at)
		    with open(folder + "/state", "rb") as state:
		        assert state.read() == data
		fd = os.open("log", os.O_RDWR | os.O_CREAT | os.O_DSYNC, 0o600, dir_fd=at)
		assert os.pwritev(fd, [b"a" * 8192, b"b" * 8192], 0) == 16384
		assert os.preadv(fd, [bytearray(8192)], 8192) == 8192
		os.close(fd)
		os.rename("log", "log.old", src_dir_fd=at, dst_dir_fd=at)
		os.unlink("log.old", dir_fd=at)
	END
}

# Compiling several files at once, then what has changed, with what a compiler cache does between.
build()
{
	local i
	mkdir "$1/project" && cd "$1/project" && printf 'all: prog\nOBJECTS = main.o%s\n' "$(printf ' f%d.o' {1..8})" >Makefile &&
		printf 'prog: $(OBJECTS)\n\t$(CC) -o $@.tmp $^ && mv -f $@.tmp $@\n%%.o: %%.c all.h\n\t$(CC) -c -o $@.tmp $< && ln -f $@.tmp cache-$@ && mv -f $@.tmp $@\nclean:\n\trm -f main.o f?.o prog\n' >>Makefile &&
		printf 'int f%d(void);\n' {1..8} >all.h && printf '#include "all.h"\nint main(void) { return f1() + f8() - 9; }\n' >main.c || return
	for i in {1..8}; do
		printf '#include "all.h"\nint f%d(void) { return %d; }\n' "$i" "$i" >"f$i.c" || return
	done
	make -s -j4 && ./prog && [[ $(make) == *'Nothing to be done'* ]] && touch -d '+2 seconds' f3.c &&
		[[ $(make -j2 2>/dev/null | grep -c -- ' -c ') == 1 ]] && make -s clean && [[ ! -e prog && -e cache-f1.o ]] && cd .. && rm -r project
}

package_unpack()
{
	mkdir -p "$1/deb/DEBIAN" "$1/deb/usr/share/x" && chmod 0755 "$1/deb" "$1/deb/DEBIAN" "$1/deb/usr" "$1/deb/usr/share" &&
		printf 'Package: x\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: x\n' >"$1/deb/DEBIAN/control" &&
		printf 'words' >"$1/deb/usr/share/x/file" && ln -s file "$1/deb/usr/share/x/link" && ln "$1/deb/usr/share/x/file" "$1/deb/usr/share/x/hard" &&
		{ [[ $MODES == any ]] && cp -r "$1/deb" "$FOLDER/work-$USER_NAME/deb" && chmod -R 0755 "$FOLDER/work-$USER_NAME/deb" || cp -a "$1/deb" "$FOLDER/work-$USER_NAME/deb"; } &&
		dpkg-deb -b "$FOLDER/work-$USER_NAME/deb" "$1/x.deb" && dpkg-deb -x "$1/x.deb" "$1/unpacked" &&
		[[ $(<"$1/unpacked/usr/share/x/hard") == words && $(readlink "$1/unpacked/usr/share/x/link") == file ]] &&
		rm -r "$1/deb" "$1/unpacked" "$1/x.deb" "$FOLDER/work-$USER_NAME/deb"
}

# What is changed through the mount is told to who watches it.
watch_changes()
{
	local seen=$FOLDER/work-$USER_NAME/seen i
	mkdir "$1/watched" && { inotifywait -m -q --format '%e %f' -o "$seen" "$1/watched" & } || return
	local pid=$!
	for i in {1..300}; do
		[[ -d /proc/$pid ]] || return
		touch "$1/watched/started"
		grep -qs started "$seen" && break
		sleep 0.1
	done
	printf text >"$1/watched/new" && mv "$1/watched/new" "$1/watched/moved" && chmod 0600 "$1/watched/moved" &&
		setfattr -n user.note -v 1 "$1/watched/moved" && mkdir "$1/watched/sub" && rm "$1/watched/moved" && touch "$1/watched/ended"
	for i in {1..300}; do
		grep -qs ended "$seen" && break
		sleep 0.1
	done
	kill "$pid"
	wait "$pid"
	cat "$seen"
	for i in 'CREATE new' 'MODIFY new' 'CLOSE_WRITE,CLOSE new' 'MOVED_FROM new' 'MOVED_TO moved' 'ATTRIB moved' 'CREATE,ISDIR sub' 'DELETE moved'; do
		grep -qx "$i" "$seen" || { printf 'not seen: %s\n' "$i" && return 1; }
	done
}

# By turns: flock(1), one that has to wait and one that does not want to.
flock_turns()
{
	local i
	printf 0 >"$1/count"
	for i in {1..8}; do
		flock "$1/count.lock" sh -c 'n=$(cat "$1"); echo $((n + 1)) >"$1"' sh "$1/count" &
	done
	wait
	[[ $(<"$1/count") == 8 ]] && flock "$1/count.lock" sh -c '! flock -n "$1" true' sh "$1/count.lock" && flock -n "$1/count.lock" true
}

many_files()
{
	local wanted
	mkdir "$1/many" && cd "$1/many" && seq 20000 | xargs -n 5000 touch && wanted=$(seq 20000 | sort) &&
		[[ $(find . -mindepth 1 -printf '%f\n' | sort) == "$wanted" ]] &&
		[[ $(ls | sort) == "$wanted" ]] && (($(ls -l | wc -l) == 20001)) &&
		rm 777 20000 && (($(ls | wc -l) == 19998)) && cd .. && rm -rf many && [[ ! -e many ]]
}

singles_of()
{
	local user=$1 target=$folder/$2/$1 step
	export FOLDER=$folder USER_NAME=$user
	for step in move_across edit_sed edit_save edit_dd edit_truncate edit_fallocate deed_map deed_tmpfile large_sparse \
		archive_everything copy_python durable_rename flock_turns; do
		check "$user: $step" run_as "$user" "$step" "$target"
	done
	for step in database:sqlite3 verify_fio:fio build:make package_unpack:dpkg-deb watch_changes:inotifywait; do
		if command -v "${step#*:}" >/dev/null; then
			check "$user: ${step%:*}" run_as "$user" "${step%:*}" "$target"
		else
			skip "$user: ${step%:*}" "no ${step#*:} here"
		fi
	done
	for step in posix flock; do
		check "$user: $step lock" run_as "$user" deed_lock "$target" "$step"
	done
}

FUNCTIONS=(tree_make tree_tell tree_same copy_cp copy_tar copy_rsync acl_make acl_tell acl_same copy_acls copy_back git_make git_clone
	remove_all move_across edit_sed edit_dd edit_truncate edit_fallocate deed_lock deed_map
	deed_tmpfile large_sparse database verify_fio archive_everything copy_python edit_save durable_rename build
	package_unpack watch_changes flock_turns many_files)

begin
DEED=$(readlink -f -- "${DEED:?the program deed}")
# an ordinary user must be able to run it, wherever the build folder is
install -m 0755 "$DEED" "$folder/.deed"
export DEED=$folder/.deed
account_add
mkdir "$folder/.plain" "$folder/.modes"
chmod 0777 "$folder/.plain" "$folder/.modes"
check "mount" share_start plain
check "mount, chmod=replace" share_start modes chmod=replace,create-mode=mask
check "what to inherit" "$GUISE" set "$folder/modes" 'D:(A;OICIIO;FA;;;CO)(A;OICI;FA;;;WD)'
for user in root "$account"; do
	export MODES=any
	trees_of "$user" plain
	singles_of "$user" plain
	MODES=kept
	trees_of "$user" modes
	for step in edit_sed edit_save build package_unpack; do
		check "$user, modes: $step" run_as "$user" "$step" "$folder/modes/$user"
	done
done
check "$account: 20,000 files" run_as "$account" many_files "$folder/plain/$account"
# other tests ask every mount to read its policy again, or try to announce what is not theirs
check "no refusals" bash -c '! grep -vE " policy: now as| op=announce " "$1"' - "$folder/log"
check "unmount" share_stop plain
check "unmount" share_stop modes
finish
