/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each operation needs, one row an operation.
 *
 * A row runs in a scene: the folders d and e, the object d/o and the target e/t
 * (or d/t), all root's.  Alice, who asks, is granted rights on these by name
 * and has none anywhere else.  Each row is run
 *   - with exactly the rights it needs, once for every choice of alternatives,
 *     where it must succeed;
 *   - once for each need with every right there is on all of them but that one
 *     (and its alternative), where it must fail, and change nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "acl/mask.h"
#include "tests/mount/harness.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT "0123456789"

enum place { NOWHERE, FOLDER, OBJECT, TO, TARGET, PLACES };
enum kind { NOTHING, FILE_KIND, FOLDER_KIND, LINK_KIND, PROGRAM_KIND, FIFO_KIND };

struct scene {
	const char *path[PLACES];
	const char *behind; /* the whole of it in the backing folder */
	const char *fresh;  /* a new name in the folder */
	const char *fresh_to;
};

/* A right, and another in some place that does as well (or NOWHERE). */
struct need {
	enum place place;
	uint32_t right;
	enum place or_place;
	uint32_t or_right;
};

#define NEEDS_MAX 4

struct row {
	const char *name;
	int (*act)(const struct scene *scene);
	enum kind object, target;
	bool target_in_folder; /* d/t and not e/t */
	int refused;           /* errno where a right is missing; 0: EACCES */
	uint32_t also;         /* what the kernel itself asks the object for on the way */
	struct need needs[NEEDS_MAX];
};

static int result_of(int value)
{
	return value < 0 ? -errno : 0;
}

/* ---- what the rows do ---- */

static int open_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0666);
	char byte;
	int err = fd < 0 ? -errno : 0;

	/* the handle must be good for what it was opened for */
	if (err == 0 && (flags & O_ACCMODE) != O_WRONLY && !(flags & O_TRUNC) &&
	    read(fd, &byte, 1) != 1)
		err = -EIO;
	if (err == 0 && (flags & O_ACCMODE) != O_RDONLY && write(fd, "x", 1) != 1)
		err = -EIO;
	if (fd >= 0)
		close(fd);
	return err;
}

static int act_lookup(const struct scene *s)
{
	int fd = open(s->path[OBJECT], O_PATH | O_CLOEXEC);

	return result_of(fd < 0 ? fd : close(fd));
}

static int act_stat(const struct scene *s)
{
	struct stat st;

	return result_of(lstat(s->path[OBJECT], &st));
}

static int act_readlink(const struct scene *s)
{
	char target[64];

	return result_of((int)readlink(s->path[OBJECT], target, sizeof(target)));
}

static int act_open_read(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_RDONLY);
}

static int act_open_write(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_WRONLY);
}

static int act_open_both(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_RDWR);
}

static int act_open_append(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_WRONLY | O_APPEND);
}

static int act_open_create(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_WRONLY | O_CREAT);
}

static int act_open_truncate(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_WRONLY | O_TRUNC);
}

static int act_open_append_truncate(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_WRONLY | O_APPEND | O_TRUNC);
}

static int act_read_truncate(const struct scene *s)
{
	return open_close(s->path[OBJECT], O_RDONLY | O_TRUNC);
}

static int act_truncate(const struct scene *s)
{
	return result_of(truncate(s->path[OBJECT], 3));
}

static int act_ftruncate(const struct scene *s)
{
	int fd = open(s->path[OBJECT], O_WRONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : result_of(ftruncate(fd, 3));

	if (fd >= 0)
		close(fd);
	return err;
}

static int act_fallocate(const struct scene *s)
{
	int fd = open(s->path[OBJECT], O_WRONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : result_of(fallocate(fd, 0, 0, 8192));

	if (fd >= 0)
		close(fd);
	return err;
}

static int act_map_write(const struct scene *s)
{
	int fd = open(s->path[OBJECT], O_RDWR | O_CLOEXEC);
	char *map = fd < 0 ? MAP_FAILED : mmap(NULL, 10, PROT_WRITE, MAP_SHARED, fd, 0);
	int err = map == MAP_FAILED ? -errno : 0;

	if (err == 0) {
		map[0] = 'm';
		err = result_of(munmap(map, 10));
	}
	if (fd >= 0)
		close(fd);
	return err;
}

static int act_execute(const struct scene *s)
{
	const char *const words[] = {s->path[OBJECT], NULL};

	return run_program(words);
}

static int act_access_read(const struct scene *s)
{
	return result_of(access(s->path[OBJECT], R_OK));
}

static int act_access_write(const struct scene *s)
{
	return result_of(access(s->path[OBJECT], W_OK));
}

static int act_access_execute(const struct scene *s)
{
	return result_of(access(s->path[OBJECT], X_OK));
}

static int act_list(const struct scene *s)
{
	char names[4096];
	int fd = open(s->path[FOLDER], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : result_of((int)getdents64(fd, names, sizeof(names)));

	if (fd >= 0)
		close(fd);
	return err;
}

static int act_create(const struct scene *s)
{
	return open_close(s->fresh, O_WRONLY | O_CREAT | O_EXCL);
}

static int act_mknod(const struct scene *s)
{
	return result_of(mknod(s->fresh, S_IFREG | 0644, 0));
}

static int act_mkfifo(const struct scene *s)
{
	return result_of(mkfifo(s->fresh, 0644));
}

static int act_socket(const struct scene *s)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", s->fresh);
	err = result_of(bind(fd, (const struct sockaddr *)&name, sizeof(name)));
	close(fd);
	return err;
}

static int act_symlink(const struct scene *s)
{
	return result_of(symlink("nowhere", s->fresh));
}

static int act_mkdir(const struct scene *s)
{
	return result_of(mkdir(s->fresh, 0755));
}

static int act_unlink(const struct scene *s)
{
	return result_of(unlink(s->path[OBJECT]));
}

static int act_rmdir(const struct scene *s)
{
	return result_of(rmdir(s->path[OBJECT]));
}

static int act_rename_here(const struct scene *s)
{
	return result_of(rename(s->path[OBJECT], s->fresh));
}

static int act_rename_away(const struct scene *s)
{
	return result_of(rename(s->path[OBJECT], s->fresh_to));
}

static int act_rename_keeping(const struct scene *s)
{
	return result_of(
		renameat2(AT_FDCWD, s->path[OBJECT], AT_FDCWD, s->fresh_to, RENAME_NOREPLACE));
}

static int act_rename_replacing(const struct scene *s)
{
	return result_of(rename(s->path[OBJECT], s->path[TARGET]));
}

static int act_exchange(const struct scene *s)
{
	return result_of(
		renameat2(AT_FDCWD, s->path[OBJECT], AT_FDCWD, s->path[TARGET], RENAME_EXCHANGE));
}

static int act_exchange_reversed(const struct scene *s)
{
	return result_of(
		renameat2(AT_FDCWD, s->path[TARGET], AT_FDCWD, s->path[OBJECT], RENAME_EXCHANGE));
}

static int act_link(const struct scene *s)
{
	return result_of(link(s->path[OBJECT], s->fresh_to));
}

static int act_touch(const struct scene *s)
{
	return result_of(utimensat(AT_FDCWD, s->path[OBJECT], NULL, AT_SYMLINK_NOFOLLOW));
}

static int act_set_times(const struct scene *s)
{
	const struct timespec times[2] = {{1, 2}, {3, 4}};

	return result_of(utimensat(AT_FDCWD, s->path[OBJECT], times, AT_SYMLINK_NOFOLLOW));
}

static int act_get_ea(const struct scene *s)
{
	char value[16];

	return result_of((int)getxattr(s->path[OBJECT], "user.colour", value, sizeof(value)));
}

static int act_list_ea(const struct scene *s)
{
	char names[256];

	return result_of((int)listxattr(s->path[OBJECT], names, sizeof(names)));
}

static int act_set_ea(const struct scene *s)
{
	return result_of(setxattr(s->path[OBJECT], "user.shape", "round", 5, 0));
}

static int act_remove_ea(const struct scene *s)
{
	return result_of(removexattr(s->path[OBJECT], "user.colour"));
}

static int act_get_sddl(const struct scene *s)
{
	char text[4096];

	return sddl_read_path(s->path[OBJECT], text, sizeof(text));
}

static int act_get_binary(const struct scene *s)
{
	char bytes[4096];

	return result_of((int)lgetxattr(s->path[OBJECT], "system.ntfs_acl", bytes, sizeof(bytes)));
}

static int act_set_dacl(const struct scene *s)
{
	return sddl_try(s->path[OBJECT], "D:(A;;FA;;;WD)");
}

/* An empty DACL without owner, in binary: revision 1, control SE_SELF_RELATIVE|SE_DACL_PRESENT. */
static int act_set_binary(const struct scene *s)
{
	static const unsigned char bytes[28] = {1, 0, 4, 0x80, [16] = 20, [20] = 2, [22] = 8};

	return result_of(lsetxattr(s->path[OBJECT], "system.ntfs_acl", bytes, sizeof(bytes), 0));
}

static int act_chmod(const struct scene *s)
{
	return result_of(chmod(s->path[OBJECT], 0600));
}

static int act_set_owner(const struct scene *s)
{
	return sddl_try(s->path[OBJECT], "O:" SID_ALICE);
}

static int act_set_group(const struct scene *s)
{
	return sddl_try(s->path[OBJECT], "G:" SID_ALICE_GROUP);
}

static int act_set_all(const struct scene *s)
{
	return sddl_try(s->path[OBJECT], "O:" SID_ALICE "G:" SID_ALICE_GROUP "D:(A;;FA;;;WD)");
}

static int act_chown(const struct scene *s)
{
	return result_of(lchown(s->path[OBJECT], ALICE, (gid_t)-1));
}

static int act_chgrp(const struct scene *s)
{
	return result_of(lchown(s->path[OBJECT], (uid_t)-1, ALICE_GROUP));
}

static int act_chown_both(const struct scene *s)
{
	return result_of(lchown(s->path[OBJECT], ALICE, ALICE_GROUP));
}

/* ---- the rows ---- */

/* clang-format off */
#define REMOVED {OBJECT, DELETE, FOLDER, FILE_DELETE_CHILD}
#define REPLACED {TARGET, DELETE, TO, FILE_DELETE_CHILD}
#define SEEN {OBJECT, FILE_READ_ATTRIBUTES, FOLDER, FILE_LIST_DIRECTORY}
/* clang-format on */

static const struct row rows[] = {
	{"lookup", act_lookup, .object = FILE_KIND},
	{"stat", act_stat, .object = FILE_KIND, .needs = {SEEN}},
	{"stat of a folder", act_stat, .object = FOLDER_KIND, .needs = {SEEN}},
	{"readlink", act_readlink, .object = LINK_KIND, .needs = {SEEN}},
	{"open to read", act_open_read, .object = FILE_KIND, .needs = {{OBJECT, FILE_READ_DATA}}},
	{"open to write", act_open_write, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"open to read and write", act_open_both, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_READ_DATA}, {OBJECT, FILE_WRITE_DATA}}},
	{"open to append", act_open_append, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_APPEND_DATA, OBJECT, FILE_WRITE_DATA}}},
	{"open with O_CREAT what exists", act_open_create, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"open with O_TRUNC", act_open_truncate, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"open to append with O_TRUNC", act_open_append_truncate, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"open to read with O_TRUNC", act_read_truncate, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_READ_DATA}, {OBJECT, FILE_WRITE_DATA}}},
	{"truncate", act_truncate, .object = FILE_KIND, .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"ftruncate", act_ftruncate, .object = FILE_KIND, .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"fallocate", act_fallocate, .object = FILE_KIND, .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"shared mapping to write", act_map_write, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_READ_DATA}, {OBJECT, FILE_WRITE_DATA}}},
	/* the kernel itself looks at the mode before it opens a program */
	{"execute", act_execute, .object = PROGRAM_KIND, .needs = {{OBJECT, FILE_EXECUTE}, SEEN}},
	{"access to read", act_access_read, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_READ_DATA}}},
	{"access to write", act_access_write, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_DATA}}},
	{"access to execute", act_access_execute, .object = PROGRAM_KIND,
	 .needs = {{OBJECT, FILE_EXECUTE}, SEEN}},
	{"opendir and readdir", act_list, .needs = {{FOLDER, FILE_LIST_DIRECTORY}}},
	{"create", act_create, .needs = {{FOLDER, FILE_ADD_FILE}}},
	{"mknod of a file", act_mknod, .needs = {{FOLDER, FILE_ADD_FILE}}},
	{"mknod of a fifo", act_mkfifo, .needs = {{FOLDER, FILE_ADD_FILE}}},
	{"bind of a socket", act_socket, .needs = {{FOLDER, FILE_ADD_FILE}}},
	{"symlink", act_symlink, .needs = {{FOLDER, FILE_ADD_FILE}}},
	{"mkdir", act_mkdir, .needs = {{FOLDER, FILE_ADD_SUBDIRECTORY}}},
	{"unlink", act_unlink, .object = FILE_KIND, .needs = {REMOVED}},
	{"unlink of a link", act_unlink, .object = LINK_KIND, .needs = {REMOVED}},
	/* a fifo is found only by who may use it: the kernel would open it without asking */
	{"unlink of a fifo", act_unlink, .object = FIFO_KIND,
	 .needs = {REMOVED, {OBJECT, FILE_READ_DATA}, {OBJECT, FILE_WRITE_DATA}}},
	{"rmdir", act_rmdir, .object = FOLDER_KIND, .needs = {REMOVED}},
	{"rename of a file in its folder", act_rename_here, .object = FILE_KIND,
	 .needs = {REMOVED, {FOLDER, FILE_ADD_FILE}}},
	{"rename of a folder in its folder", act_rename_here, .object = FOLDER_KIND,
	 .needs = {REMOVED, {FOLDER, FILE_ADD_SUBDIRECTORY}}},
	{"rename of a file to another folder", act_rename_away, .object = FILE_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_FILE}}},
	{"rename of a folder to another folder", act_rename_away, .object = FOLDER_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_SUBDIRECTORY}}},
	{"rename with RENAME_NOREPLACE", act_rename_keeping, .object = FILE_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_FILE}}},
	{"rename that replaces a file", act_rename_replacing, .object = FILE_KIND,
	 .target = FILE_KIND, .needs = {REMOVED, {TO, FILE_ADD_FILE}, REPLACED}},
	{"rename that replaces a folder", act_rename_replacing, .object = FOLDER_KIND,
	 .target = FOLDER_KIND, .needs = {REMOVED, {TO, FILE_ADD_SUBDIRECTORY}, REPLACED}},
	{"rename that replaces in the same folder", act_rename_replacing, .object = FILE_KIND,
	 .target = FILE_KIND, .target_in_folder = true,
	 .needs = {REMOVED, {FOLDER, FILE_ADD_FILE}, {TARGET, DELETE, FOLDER, FILE_DELETE_CHILD}}},
	{"exchange of two files", act_exchange, .object = FILE_KIND, .target = FILE_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_FILE}, REPLACED, {FOLDER, FILE_ADD_FILE}}},
	{"exchange of a file and a folder", act_exchange, .object = FILE_KIND,
	 .target = FOLDER_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_FILE}, REPLACED, {FOLDER, FILE_ADD_SUBDIRECTORY}}},
	{"exchange of a folder and a file", act_exchange_reversed, .object = FILE_KIND,
	 .target = FOLDER_KIND,
	 .needs = {REMOVED, {TO, FILE_ADD_FILE}, REPLACED, {FOLDER, FILE_ADD_SUBDIRECTORY}}},
	{"link", act_link, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_ATTRIBUTES}, {TO, FILE_ADD_FILE}}},
	{"utimens to now", act_touch, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_ATTRIBUTES}}},
	{"utimens to a time", act_set_times, .object = FILE_KIND, .refused = EPERM,
	 .needs = {{OBJECT, FILE_WRITE_ATTRIBUTES}}},
	{"utimens of a folder", act_set_times, .object = FOLDER_KIND, .refused = EPERM,
	 .needs = {{OBJECT, FILE_WRITE_ATTRIBUTES}}},
	{"getxattr of user.*", act_get_ea, .object = FILE_KIND, .needs = {{OBJECT, FILE_READ_EA}}},
	{"listxattr", act_list_ea, .object = FILE_KIND, .needs = {{OBJECT, FILE_READ_EA}}},
	{"setxattr of user.*", act_set_ea, .object = FILE_KIND, .needs = {{OBJECT, FILE_WRITE_EA}}},
	{"removexattr of user.*", act_remove_ea, .object = FILE_KIND,
	 .needs = {{OBJECT, FILE_WRITE_EA}}},
	{"read of a descriptor as SDDL", act_get_sddl, .object = FILE_KIND,
	 .needs = {{OBJECT, READ_CONTROL}}},
	{"read of a link's descriptor", act_get_sddl, .object = LINK_KIND,
	 .needs = {{OBJECT, READ_CONTROL}}},
	{"read of a descriptor in binary", act_get_binary, .object = FILE_KIND,
	 .needs = {{OBJECT, READ_CONTROL}}},
	{"write of a DACL as SDDL", act_set_dacl, .object = FILE_KIND,
	 .needs = {{OBJECT, WRITE_DAC}}},
	{"write of a DACL in binary", act_set_binary, .object = FILE_KIND,
	 .needs = {{OBJECT, WRITE_DAC}}},
	{"chmod", act_chmod, .object = FILE_KIND, .refused = EPERM, .needs = {{OBJECT, WRITE_DAC}}},
	{"write of the owner", act_set_owner, .object = FILE_KIND,
	 .needs = {{OBJECT, WRITE_OWNER}}},
	{"write of the group", act_set_group, .object = FILE_KIND,
	 .needs = {{OBJECT, WRITE_OWNER}}},
	{"write of owner, group and DACL", act_set_all, .object = FILE_KIND,
	 .needs = {{OBJECT, WRITE_OWNER}, {OBJECT, WRITE_DAC}}},
	/* a kernel that is not told of FUSE_HANDLE_KILLPRIV looks for suid bits first */
	{"chown to oneself", act_chown, .object = FILE_KIND, .refused = EPERM,
	 .also = FILE_READ_ATTRIBUTES, .needs = {{OBJECT, WRITE_OWNER}}},
	{"chown of a link to oneself", act_chown, .object = LINK_KIND, .refused = EPERM,
	 .also = FILE_READ_ATTRIBUTES, .needs = {{OBJECT, WRITE_OWNER}}},
	{"chgrp to an own group", act_chgrp, .object = FILE_KIND, .refused = EPERM,
	 .also = FILE_READ_ATTRIBUTES, .needs = {{OBJECT, WRITE_OWNER}}},
	{"chown to oneself and an own group", act_chown_both, .object = FILE_KIND, .refused = EPERM,
	 .also = FILE_READ_ATTRIBUTES, .needs = {{OBJECT, WRITE_OWNER}}},
};

/* With traverse=strict; the way to the scene is granted, as there is no other. */
static const struct row strict_rows[] = {
	{"lookup", act_lookup, .object = FILE_KIND, .needs = {{FOLDER, FILE_TRAVERSE}}},
	{"open to read", act_open_read, .object = FILE_KIND,
	 .needs = {{FOLDER, FILE_TRAVERSE}, {OBJECT, FILE_READ_DATA}}},
	{"create", act_create, .needs = {{FOLDER, FILE_TRAVERSE}, {FOLDER, FILE_ADD_FILE}}},
	{"mkdir", act_mkdir, .needs = {{FOLDER, FILE_TRAVERSE}, {FOLDER, FILE_ADD_SUBDIRECTORY}}},
	{"unlink", act_unlink, .object = FILE_KIND, .needs = {{FOLDER, FILE_TRAVERSE}, REMOVED}},
	{"rename of a file to another folder", act_rename_away, .object = FILE_KIND,
	 .needs = {{FOLDER, FILE_TRAVERSE}, REMOVED, {TO, FILE_TRAVERSE}, {TO, FILE_ADD_FILE}}},
	{"link", act_link, .object = FILE_KIND,
	 .needs = {{FOLDER, FILE_TRAVERSE},
		   {OBJECT, FILE_WRITE_ATTRIBUTES},
		   {TO, FILE_TRAVERSE},
		   {TO, FILE_ADD_FILE}}},
};

/* ---- running them ---- */

static struct share *share;
static const char *const places[PLACES] = {"", "the folder", "the object", "the other folder",
					   "the target"};

static void make(const char *path, enum kind kind)
{
	if (kind == FILE_KIND) {
		put_file(path, TEXT);
		ck_assert_int_eq(setxattr(path, "user.colour", "blue", 4, 0), 0);
	} else if (kind == FOLDER_KIND) {
		put_folder(path);
	} else if (kind == LINK_KIND) {
		ck_assert_int_eq(symlink("elsewhere", path), 0);
	} else if (kind == FIFO_KIND) {
		ck_assert_int_eq(mkfifo(path, 0600), 0);
	} else if (kind == PROGRAM_KIND) {
		ck_assert_int_eq(run_program((const char *[]){"cp", "/bin/true", path, NULL}), 0);
	}
}

static void grant(const char *path, uint32_t rights)
{
	if (rights)
		sddl_set(path, "O:SYG:SYD:(A;;0x%x;;;" SID_ALICE ")", rights);
	else
		sddl_set(path, "O:SYG:SYD:");
}

static void scene_make(const struct row *row, const uint32_t rights[PLACES], struct scene *scene)
{
	static unsigned int number;
	const char *object_end = row->object ? "/o" : "";
	char name[64], inner[128];

	snprintf(name, sizeof(name), "s%u", ++number);
	scene->behind = share_behind(share, name);
	put_folder(share_path(share, name));
	/* On the way here there is only a right to pass, which traverse=bypass does not ask for. */
	grant(share_path(share, name), FILE_TRAVERSE);
#define PATH(...) (snprintf(inner, sizeof(inner), __VA_ARGS__), share_path(share, inner))
	scene->path[FOLDER] = PATH("%s/d", name);
	scene->path[TO] = PATH("%s/e", name);
	scene->path[OBJECT] = PATH("%s/d%s", name, object_end);
	scene->path[TARGET] = PATH("%s/%s/t", name, row->target_in_folder ? "d" : "e");
	scene->fresh = PATH("%s/d/new", name);
	scene->fresh_to = PATH("%s/e/new", name);
#undef PATH
	put_folder(scene->path[FOLDER]);
	put_folder(scene->path[TO]);
	make(scene->path[OBJECT], row->object);
	make(scene->path[TARGET], row->target);
	if (row->target)
		grant(scene->path[TARGET], rights[TARGET]);
	if (row->object)
		grant(scene->path[OBJECT], rights[OBJECT]);
	grant(scene->path[FOLDER], rights[FOLDER]);
	grant(scene->path[TO], rights[TO]);
}

/* Everything that can be seen of a scene from behind, as text. */
static char state[8192];
static size_t state_used;

static int state_add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	state_used += (size_t)snprintf(state + state_used, sizeof(state) - state_used,
				       "%s %o %u:%u %lld %lld.%ld %lld.%ld\n", path + ftw->base,
				       st->st_mode, st->st_uid, st->st_gid, (long long)st->st_size,
				       (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
				       (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
	return state_used < sizeof(state) ? 0 : -1;
}

static void state_take(const struct scene *scene, char *into)
{
	state_used = 0;
	ck_assert_int_eq(nftw(scene->behind, state_add, 8, FTW_PHYS), 0);
	memcpy(into, state, sizeof(state));
}

struct attempt {
	const struct row *row;
	const struct scene *scene;
};

static int attempt_run(void *arg)
{
	const struct attempt *attempt = arg;

	return attempt->row->act(attempt->scene);
}

static int run(const struct row *row, const struct scene *scene)
{
	return as_alice(attempt_run, &(struct attempt){row, scene});
}

static size_t needs_count(const struct row *row)
{
	size_t count = 0;

	while (count < NEEDS_MAX && row->needs[count].place)
		count++;
	return count;
}

/* Bit i of @choice: whether need i is met by its alternative. */
static void check_granted(const struct row *row, unsigned int choice)
{
	uint32_t rights[PLACES] = {0};
	struct scene scene;
	int err;

	for (size_t i = 0; i < needs_count(row); i++) {
		const struct need *need = &row->needs[i];
		bool other = choice & 1u << i;

		if (other && !need->or_place)
			return;
		rights[other ? need->or_place : need->place] |=
			other ? need->or_right : need->right;
	}
	rights[OBJECT] |= row->also;
	scene_make(row, rights, &scene);
	err = run(row, &scene);
	ck_assert_msg(err == 0,
		      "%s: %s with folder 0x%x, object 0x%x, other folder 0x%x, target 0x%x",
		      row->name, strerror(-err), rights[FOLDER], rights[OBJECT], rights[TO],
		      rights[TARGET]);
}

static void check_denied(const struct row *row, const struct need *need)
{
	uint32_t rights[PLACES];
	char before[sizeof(state)], after[sizeof(state)];
	int expected = row->refused ? -row->refused : -EACCES;
	struct scene scene;
	int err;

	for (size_t i = 0; i < PLACES; i++)
		rights[i] = FILE_ALL_ACCESS;
	rights[need->place] &= ~need->right;
	rights[need->or_place] &= ~need->or_right;
	scene_make(row, rights, &scene);
	state_take(&scene, before);
	err = run(row, &scene);
	state_take(&scene, after);
	ck_assert_msg(err == expected, "%s without 0x%x on %s: %s", row->name, need->right,
		      places[need->place], err ? strerror(-err) : "done");
	ck_assert_msg(!strcmp(before, after), "%s was refused and yet changed:\n%s\nto\n%s",
		      row->name, before, after);
}

static void check_row(const struct row *row)
{
	size_t count = needs_count(row);

	for (unsigned int choice = 0; choice < 1u << count; choice++)
		check_granted(row, choice);
	for (size_t i = 0; i < count; i++)
		check_denied(row, &row->needs[i]);
}

START_TEST(an_operation_needs_its_rights_and_no_more)
{
	share = share_open(NULL);
	grant(share_path(share, ""), 0);
	check_row(&rows[_i]);
	share_close(share);
}
END_TEST

START_TEST(strict_traversal_needs_the_right_on_each_folder)
{
	share = share_open("traverse=strict");
	grant(share_path(share, ""), FILE_TRAVERSE);
	check_row(&strict_rows[_i]);
	share_close(share);
}
END_TEST

START_TEST(strict_traversal_begins_at_the_root)
{
	const uint32_t all[PLACES] = {0, FILE_ALL_ACCESS, FILE_ALL_ACCESS};
	struct scene scene;

	share = share_open("traverse=strict");
	grant(share_path(share, ""), FILE_ALL_ACCESS & ~FILE_TRAVERSE);
	scene_make(&strict_rows[0], all, &scene);
	ck_assert_int_eq(run(&strict_rows[0], &scene), -EACCES);
	share_close(share);
}
END_TEST

/* attributes=public: sizes and times are no secret, contents are. */
START_TEST(public_attributes_need_no_right)
{
	const struct row row = {"stat", act_stat, .object = FILE_KIND};
	const struct row reading = {"open", act_open_read, .object = FILE_KIND};
	const uint32_t none[PLACES] = {0};
	struct scene scene;

	share = share_open("attributes=public");
	scene_make(&row, none, &scene);
	ck_assert_int_eq(run(&row, &scene), 0);
	ck_assert_int_eq(run(&reading, &scene), -EACCES);
	share_close(share);
}
END_TEST

START_TEST(noreplace_replaces_nothing)
{
	const struct row row = {"rename", act_rename_replacing, .object = FILE_KIND,
				.target = FILE_KIND};
	const uint32_t all[PLACES] = {0, FILE_ALL_ACCESS, FILE_ALL_ACCESS, FILE_ALL_ACCESS,
				      FILE_ALL_ACCESS};
	struct scene scene;

	share = share_open(NULL);
	scene_make(&row, all, &scene);
	ck_assert_int_lt(renameat2(AT_FDCWD, scene.path[OBJECT], AT_FDCWD, scene.path[TARGET],
				   RENAME_NOREPLACE),
			 0);
	ck_assert_int_eq(errno, EEXIST);
	share_close(share);
}
END_TEST

static int try_devices(void *arg)
{
	const struct scene *scene = arg;
	int kinds[] = {S_IFCHR, S_IFBLK};

	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (mknod(scene->fresh, (mode_t)kinds[i] | 0666, 0x103) == 0)
			return 0;
		if (errno != EPERM)
			return -errno;
	}
	return -EPERM;
}

START_TEST(device_nodes_are_refused_even_for_root)
{
	const struct row row = {"mknod", NULL, .object = NOTHING};
	const uint32_t all[PLACES] = {0, FILE_ALL_ACCESS};
	struct scene scene;

	share = share_open(NULL);
	scene_make(&row, all, &scene);
	ck_assert_int_eq(try_devices(&scene), -EPERM);
	ck_assert_int_eq(as_alice(try_devices, &scene), -EPERM);
	share_close(share);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard");
	TCase *table = tcase_create("table"), *others = tcase_create("others");

	tcase_add_loop_test(table, an_operation_needs_its_rights_and_no_more, 0, COUNT(rows));
	tcase_add_loop_test(table, strict_traversal_needs_the_right_on_each_folder, 0,
			    COUNT(strict_rows));
	tcase_add_test(others, strict_traversal_begins_at_the_root);
	tcase_add_test(others, public_attributes_need_no_right);
	tcase_add_test(others, noreplace_replaces_nothing);
	tcase_add_test(others, device_nodes_are_refused_even_for_root);
	suite_add_tcase(suite, table);
	suite_add_tcase(suite, others);
	return harness_run(suite);
}
