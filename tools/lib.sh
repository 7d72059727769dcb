# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the scripts of this folder share: messages, the private libfuse, the
# build folders, locks.  Source it; it runs nothing by itself.

GUISEFS_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Where a libfuse newer than the distribution's is kept.
GUISEFS_DEPS=${GUISEFS_DEPS:-$GUISEFS_ROOT/.deps}
# The first libfuse that can hand file data to the kernel.
LIBFUSE_WANTED=3.17

PROGRAM=${0##*/}

# Progress goes to stderr, so that stdout stays what the script is about.
note() {
	printf '%s: %s\n' "$PROGRAM" "$*" >&2
}

die() {
	note "$*"
	exit 1
}

# The script's own leading comment, which is its help text.
usage() {
	sed -n '/^# Usage:/,/^[^#]/{/^#/{s/^# \{0,1\}//;p}}' "$0"
}

# Is version $1 at least version $2?
version_at_least() {
	[[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$2" ]]
}

# The folder of the private libfuse's fuse3.pc.
libfuse_private_pc() {
	printf '%s/libfuse/lib/pkgconfig\n' "$GUISEFS_DEPS"
}

# The version of the private libfuse; fails when there is none that is whole,
# new enough and built for the place where it lies.
libfuse_private_version() {
	local pc version
	pc=$(libfuse_private_pc)
	[[ -f $pc/fuse3.pc && -f $GUISEFS_DEPS/libfuse/lib/libfuse3.a ]] || return 1
	grep -qxF "prefix=$GUISEFS_DEPS/libfuse" "$pc/fuse3.pc" || return 1
	version=$(sed -n 's/^Version: *//p' "$pc/fuse3.pc")
	version_at_least "$version" "$LIBFUSE_WANTED" || return 1
	printf '%s\n' "$version"
}

# The version of the distribution's libfuse; fails when it is not installed.
libfuse_system_version() {
	env -u PKG_CONFIG_PATH pkg-config --modversion fuse3 2>/dev/null
}

# What to put into PKG_CONFIG_PATH for this build: the private libfuse's folder
# where there is one, before what the caller set; may be empty.
guisefs_pkg_config_path() {
	local path=${PKG_CONFIG_PATH:-} pc
	if libfuse_private_version >/dev/null; then
		pc=$(libfuse_private_pc)
		[[ :$path: == *":$pc:"* ]] || path=$pc${path:+:$path}
	fi
	printf '%s\n' "$path"
}

# Holds lock file $2 on descriptor $1 until the script ends, waiting for whoever
# has it and saying so.  What is started and stays must not inherit the
# descriptor, or it would hold the lock as long as it lives.
take_lock() {
	eval "exec $1>\"\$2\""
	flock --nonblock "$1" && return
	note "waiting for another run (lock $2)"
	flock "$1"
}

# Keeps other runs out of this tree's build folders.
take_tree_lock() {
	mkdir -p "$GUISEFS_DEPS"
	take_lock 8 "$GUISEFS_DEPS/build.lock"
}

# Configures build folder $1 with the meson options that follow.  An existing
# folder is configured anew only if the options differ from the last time.
build_configure() {
	local dir=$1 stamp wanted
	shift
	set -- "$@" "-Dpkg_config_path=$(guisefs_pkg_config_path | tr ':' ',')"
	stamp=$dir/.configured-with
	wanted=$(printf '%s\n' "$@")
	if [[ -f $dir/build.ninja && -f $stamp && $(<"$stamp") == "$wanted" ]]; then
		return
	fi
	if [[ -f $dir/build.ninja ]]; then
		meson setup --wipe "$dir" "$GUISEFS_ROOT" "$@" || return 1
	else
		meson setup "$dir" "$GUISEFS_ROOT" "$@" || return 1
	fi
	printf '%s\n' "$wanted" >"$stamp"
}

# The mount points whose names begin with $1, the innermost first.
mounts_below() {
	local point
	while read -r _ _ _ _ point _; do
		point=$(printf '%b' "${point//\\/\\0}")
		[[ $point != "$1"* ]] || printf '%s\n' "$point"
	done </proc/self/mountinfo | tac
}

# Removes folder $1, unless something is still mounted below it: to rm a bind
# mount is not another file system.
folder_remove() {
	if [[ -n $(mounts_below "$1/") ]]; then
		note "$1: something is still mounted below it; left as it is"
		return 1
	fi
	rm -rf --one-file-system "$1"
}

# Removes temporary user $1 with its processes and its keys: a token key that
# outlives its user would speak for whoever gets the uid next.
user_remove() {
	local uid
	uid=$(id -u -- "$1") || return 0
	((uid != 0)) || return 1
	pkill -KILL -u "$uid" || true
	setpriv --reuid="$uid" --clear-groups keyctl clear @u 2>/dev/null || true
	userdel "$1" 2>/dev/null || userdel --force "$1" || true
}
