/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a crash leaves.  Each change is made once for itself; then anew for each system
 * call by which it changes something on disk, just before which the daemon is killed, or the
 * caller.  Nobody may then do what he could neither before the change nor after it, on
 * the mount or behind it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/acl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/sight.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAMES 3
#define DRAFT ".guisefs-new-"

#define SID_EVE "S-1-22-1-64004"
#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP
#define ALICE_ALL "(A;;FA;;;" SID_ALICE ")"
#define TEAM_WRITES "(A;;FRFW;;;" SID_TEAM ")"
#define CREW_WRITES "(A;;FRFW;;;" SID_CREW ")"
#define ALL_WRITE "(A;;FRFW;;;WD)"
/* alice may do anything in it, and TEAM reads what she makes */
#define FOLDER "O:SYG:SYD:P(A;;FA;;;" SID_ALICE ")(A;OICIIO;FA;;;CO)(A;OICIIO;FR;;;" SID_TEAM ")"

static const struct who root = {"root", 0, 0, 0, {0}};

/* A change.  d has the descriptor FOLDER, p has none and is open to all. */
struct scene {
	const char *title;
	void (*set)(const struct scene *scene); /* as root, or NULL */
	int (*act)(void *scene);
	const char *names[NAMES]; /* what is looked at; the last is what act() makes, if anything */
	const char *before, *after;
	mode_t old_mode, mode;
	const char *options;
	const char *list; /* a POSIX ACL's text */
	bool by_root;
	bool inherits; /* what goes gets its new descriptor first, and then its new name */
};

static struct share *share;

static const char *at(const char *name)
{
	return share_path(share, name);
}

/* ---- setting ---- */

static void set_file(const struct scene *scene)
{
	put_file(at("d/f"), "old");
	sddl_set(at("d/f"), "%s", scene->before);
}

static void set_program(const struct scene *scene)
{
	set_file(scene);
	ck_assert_int_eq(chmod(at("d/f"), scene->old_mode), 0);
}

static void set_folder(const struct scene *scene)
{
	put_folder(at("d/sub"));
	sddl_set(at("d/sub"), "%s", scene->before);
}

/* A folder whose descriptor says what its mode says. */
static void set_folder_by_mode(const struct scene *scene)
{
	put_folder(at("d/sub"));
	sddl_set(at("d/sub"), OF_ALICE "D:P" ALICE_ALL);
	ck_assert_int_eq(chmod(at("d/sub"), scene->old_mode), 0);
}

/* Two files, one of alice alone. */
static void set_two(const struct scene *scene)
{
	set_file(scene);
	put_file(at("d/g"), "target");
	sddl_set(at("d/g"), OF_ALICE "D:P" ALICE_ALL);
	put_folder(at("d/sub"));
	sddl_set(at("d/sub"), "O:SYG:SYD:P" ALICE_ALL);
}

static void set_attribute(const struct scene *scene)
{
	set_file(scene);
	ck_assert_int_eq(setxattr(at("d/f"), "user.a", "1", 1, 0), 0);
}

/* Without a descriptor. */
static void set_plain(const struct scene *scene)
{
	const char *behind = share_behind(share, "p/f");

	put_file(behind, "old");
	ck_assert_int_eq(chown(behind, ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(behind, scene->old_mode), 0);
}

/* A folder that hands a POSIX ACL down, behind the mount's back. */
static void set_handing_down(const struct scene *scene)
{
	acl_t list = acl_from_text("u::rwx,u:64004:rwx,g::rwx,m::rwx,o::rwx");

	put_folder(at("d/sub"));
	sddl_set(at("d/sub"), FOLDER);
	ck_assert_int_eq(acl_set_file(share_behind(share, "d/sub"), ACL_TYPE_DEFAULT, list), 0);
	acl_free(list);
}

/* A default ACL that the folder hands on, set through the mount. */
static void set_default_list(const struct scene *scene)
{
	acl_t list = acl_from_text("u::rwx,u:64002:rwx,g::rx,m::rwx,o::---");

	set_folder(scene);
	ck_assert_int_eq(acl_set_file(at("d/sub"), ACL_TYPE_DEFAULT, list), 0);
	acl_free(list);
}

/* An access ACL, set through the mount. */
static void set_list(const struct scene *scene)
{
	acl_t list = acl_from_text("u::rw,u:64002:rw,u:64004:-,g::r,m::rw,o::r");

	set_file(scene);
	ck_assert_int_eq(acl_set_file(at("d/f"), ACL_TYPE_ACCESS, list), 0);
	acl_free(list);
}

static void set_plain_folder(const struct scene *scene)
{
	put_folder(share_behind(share, "p/sub"));
	ck_assert_int_eq(chown(share_behind(share, "p/sub"), ALICE, TEAM), 0);
	ck_assert_int_eq(chmod(share_behind(share, "p/sub"), scene->old_mode), 0);
}

/* "d" and "e" hand on what differs; what lies in "d" has inherited. */
static void set_inherited(const struct scene *scene)
{
	sddl_set(at("d"), OF_ALICE "D:PARAI(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FR;;;" SID_TEAM ")");
	put_file(at("d/f"), "old");
	put_folder(at("d/sub"));
	sddl_set(at("d/f"), OF_ALICE "D:ARAI(A;ID;FA;;;" SID_ALICE ")(A;ID;FR;;;" SID_TEAM ")");
	sddl_set(at("d/sub"),
		 OF_ALICE "D:PARAI(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FRFW;;;" SID_CREW ")");
	put_file(at("d/sub/g"), "target");
	sddl_set(at("d/sub/g"),
		 OF_ALICE "D:ARAI(A;ID;FA;;;" SID_ALICE ")(A;ID;FRFW;;;" SID_CREW ")");
	if (scene->old_mode)
		ck_assert_int_eq(chmod(at("d/f"), scene->old_mode), 0);
}

/* What goes has no descriptor. */
static void set_implied(const struct scene *scene)
{
	set_plain(scene);
	put_folder(at("d/sub"));
	sddl_set(at("d/sub"),
		 OF_ALICE "D:PARAI(A;OICI;FA;;;" SID_ALICE ")(A;OICI;FRFW;;;" SID_CREW ")");
}

/* ---- acting ---- */

static int answer(int result)
{
	return result < 0 ? -errno : 0;
}

/* The name that a scene ends with. */
static const char *made(const struct scene *scene)
{
	const char *name = NULL;

	for (int i = 0; i < NAMES && scene->names[i]; i++)
		name = scene->names[i];
	return name;
}

static int create(void *arg)
{
	const struct scene *scene = arg;
	int fd = open(at(made(scene)), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, scene->mode);

	return fd < 0 ? -errno : close(fd);
}

static int create_unnamed(void *arg)
{
	const struct scene *scene = arg;
	int fd = open(at("d"), O_RDWR | O_TMPFILE | O_CLOEXEC, scene->mode), err;
	char path[64];

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = answer(linkat(AT_FDCWD, path, AT_FDCWD, at(made(scene)), AT_SYMLINK_FOLLOW));
	close(fd);
	return err;
}

static int make_folder(void *arg)
{
	const struct scene *scene = arg;

	return answer(mkdir(at(made(scene)), scene->mode));
}

static int make_node(void *arg)
{
	const struct scene *scene = arg;

	return answer(mknod(at(made(scene)), scene->mode, 0));
}

static int make_link(void *arg)
{
	return answer(symlink("where", at(made(arg))));
}

static int set_descriptor(void *arg)
{
	const struct scene *scene = arg;

	return sddl_try(at(scene->names[0]), scene->after);
}

static int change_mode(void *arg)
{
	const struct scene *scene = arg;

	return answer(chmod(at(scene->names[0]), scene->mode));
}

static int hand_on(void *arg)
{
	const struct scene *scene = arg;

	return answer(lchown(at(scene->names[0]), BOB, CREW));
}

static int replace(void *arg)
{
	return answer(rename(at("d/f"), at("d/g")));
}

static int exchange(void *arg)
{
	return answer(renameat2(AT_FDCWD, at("d/f"), AT_FDCWD, at("d/g"), RENAME_EXCHANGE));
}

static int move(void *arg)
{
	return answer(rename(at("d/f"), at("d/sub/f")));
}

static int move_plain(void *arg)
{
	return answer(rename(at("p/f"), at("d/sub/f")));
}

static int move_over(void *arg)
{
	return answer(rename(at("d/f"), at("d/sub/g")));
}

static int exchange_folders(void *arg)
{
	return answer(renameat2(AT_FDCWD, at("d/f"), AT_FDCWD, at("d/sub/g"), RENAME_EXCHANGE));
}

static int set_posix(const struct scene *scene, acl_type_t type)
{
	acl_t list = acl_from_text(scene->list);
	struct stat st;
	/* the kernel asks who the owner is that it last heard of */
	int err = stat(at(scene->names[0]), &st) < 0 ? -errno
		  : list ? answer(acl_set_file(at(scene->names[0]), type, list))
			 : -EINVAL;

	if (list)
		acl_free(list);
	return err;
}

static int set_access_list(void *arg)
{
	return set_posix(arg, ACL_TYPE_ACCESS);
}

static int set_default(void *arg)
{
	return set_posix(arg, ACL_TYPE_DEFAULT);
}

static int remove_access_list(void *arg)
{
	const struct scene *scene = arg;

	struct stat st;

	if (stat(at(scene->names[0]), &st) < 0)
		return -errno;
	return answer(removexattr(at(scene->names[0]), "system.posix_acl_access"));
}

static int remove_default(void *arg)
{
	struct stat st;

	if (stat(at("d/sub"), &st) < 0)
		return -errno;
	return answer(removexattr(at("d/sub"), "system.posix_acl_default"));
}

static int hard_link(void *arg)
{
	return answer(link(at("d/f"), at("d/h")));
}

static int remove_file(void *arg)
{
	return answer(unlink(at("d/f")));
}

static int remove_folder(void *arg)
{
	return answer(rmdir(at("d/sub")));
}

static int set_user_attribute(void *arg)
{
	return answer(setxattr(at("d/f"), "user.b", "2", 1, 0));
}

static int remove_user_attribute(void *arg)
{
	return answer(removexattr(at("d/f"), "user.a"));
}

static int cut(void *arg)
{
	return answer(truncate(at("d/f"), 1));
}

static int touch(void *arg)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	return answer(utimensat(AT_FDCWD, at("d/f"), times, 0));
}

#define OLD OF_ALICE "D:P" ALICE_ALL TEAM_WRITES

static const struct scene scenes[] = {
	{"a file", NULL, create, {"d/new"}, .mode = 0666},
	{"a private file", NULL, create, {"d/new"}, .mode = 0600},
	{"a file named later", NULL, create_unnamed, {"d/new"}, .mode = 0644},
	{"a file where lists are handed down",
	 set_handing_down,
	 create,
	 {"d/sub", "d/sub/new"},
	 .mode = 0644},
	{"a folder where lists are handed down",
	 set_handing_down,
	 make_folder,
	 {"d/sub", "d/sub/new"},
	 .mode = 0755},
	{"a folder", NULL, make_folder, {"d/new"}, .mode = 0755},
	{"a private folder", NULL, make_folder, {"d/new"}, .mode = 0700},
	{"a fifo", NULL, make_node, {"d/new"}, .mode = S_IFIFO | 0644},
	{"a file by mknod", NULL, make_node, {"d/new"}, .mode = S_IFREG | 0644},
	{"a link", NULL, make_link, {"d/new"}},
	{"a file where nothing has descriptors", NULL, create, {"p/new"}, .mode = 0644},

	{"a narrower descriptor",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL ALL_WRITE,
	 "D:P" ALICE_ALL},
	{"a wider descriptor",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL,
	 "D:P" ALICE_ALL ALL_WRITE},
	{"TEAM's becomes CREW's",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OLD,
	 "D:P" ALICE_ALL CREW_WRITES},
	{"the last list goes",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 "O:" SID_ALICE "G:" SID_CREW "D:P" ALICE_ALL TEAM_WRITES,
	 "D:P" ALICE_ALL},
	{"a first list comes",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL ALL_WRITE,
	 "D:P(D;;FRFW;;;" SID_EVE ")" ALICE_ALL ALL_WRITE},
	{"a folder's descriptor",
	 set_folder,
	 set_descriptor,
	 {"d/sub"},
	 "O:" SID_ALICE "G:" SID_CREW "D:P" ALICE_ALL "(A;OICI;FA;;;" SID_TEAM ")",
	 "D:P" ALICE_ALL "(A;OICI;FR;;;WD)"},
	{"another owner",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL,
	 "O:" SID_BOB,
	 .by_root = true},
	{"another group",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL "(A;;FRFW;;;" SID_ALICE_GROUP ")",
	 "G:" SID_CREW,
	 .by_root = true},
	{"owner, group and list",
	 set_file,
	 set_descriptor,
	 {"d/f"},
	 OLD,
	 "O:" SID_BOB "G:" SID_CREW "D:P(A;;FR;;;" SID_BOB ")" CREW_WRITES,
	 .by_root = true},
	{"a first descriptor, narrower",
	 set_plain,
	 set_descriptor,
	 {"p/f"},
	 NULL,
	 "D:P" ALICE_ALL,
	 .old_mode = 0644},
	{"a first descriptor, wider",
	 set_plain,
	 set_descriptor,
	 {"p/f"},
	 NULL,
	 "D:P" ALICE_ALL ALL_WRITE,
	 .old_mode = 0640},
	{"a first descriptor and owner",
	 set_plain,
	 set_descriptor,
	 {"p/f"},
	 NULL,
	 "O:" SID_BOB "G:" SID_CREW "D:P(A;;FR;;;" SID_ALICE ")",
	 .old_mode = 0660,
	 .by_root = true},

	{"chmod 600", set_file, change_mode, {"d/f"}, OLD, .mode = 0600},
	{"chmod 666 after 600",
	 set_program,
	 change_mode,
	 {"d/f"},
	 OLD,
	 .old_mode = 0600,
	 .mode = 0666},
	{"chmod 755",
	 set_program,
	 change_mode,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL "(A;;FRFX;;;WD)",
	 .old_mode = 0700,
	 .mode = 0755},
	{"chmod=replace, 604",
	 set_file,
	 change_mode,
	 {"d/f"},
	 OLD,
	 .mode = 0604,
	 .options = "chmod=replace"},
	{"chmod=replace, no longer sticky",
	 set_folder_by_mode,
	 change_mode,
	 {"d/sub"},
	 .old_mode = 01777,
	 .mode = 0755,
	 .options = "chmod=replace"},
	{"chmod=replace, from 0777 to sticky",
	 set_folder_by_mode,
	 change_mode,
	 {"d/sub"},
	 .old_mode = 0777,
	 .mode = 01777,
	 .options = "chmod=replace"},
	{"chmod=replace, sticky and less",
	 set_folder_by_mode,
	 change_mode,
	 {"d/sub"},
	 .old_mode = 03777,
	 .mode = 03733,
	 .options = "chmod=replace"},
	{"chmod of a mode", set_plain, change_mode, {"p/f"}, .old_mode = 0640, .mode = 0604},
	{"chown", set_file, hand_on, {"d/f"}, OLD, .by_root = true},
	{"chown of a program",
	 set_program,
	 hand_on,
	 {"d/f"},
	 OF_ALICE "D:P" ALICE_ALL "(A;;FRFX;;;" SID_ALICE_GROUP ")",
	 .old_mode = 0755,
	 .by_root = true},
	{"chown of a mode", set_plain, hand_on, {"p/f"}, .old_mode = 0640, .by_root = true},

	{"rename that replaces", set_two, replace, {"d/f", "d/g"}, OLD},
	{"rename that exchanges", set_two, exchange, {"d/f", "d/g"}, OLD},
	{"rename to another folder", set_two, move, {"d/f", "d/sub/f"}, OLD},
	{"an ACL on a descriptor",
	 set_file,
	 set_access_list,
	 {"d/f"},
	 OLD,
	 .list = "u::rw,u:64002:rw,u:64004:-,g::r,m::rw,o::r"},
	{"an ACL that the kernel does not look at",
	 set_file,
	 set_access_list,
	 {"d/f"},
	 OLD,
	 .list = "u::rw,u:64002:rw,u:64004:-,g::r,m::-,o::r"},
	{"an ACL after another",
	 set_list,
	 set_access_list,
	 {"d/f"},
	 OLD,
	 .list = "u::rw,u:64004:rw,g::-,m::rw,o::-"},
	{"an ACL after another, only a mode",
	 set_list,
	 set_access_list,
	 {"d/f"},
	 OLD,
	 .list = "u::rw,g::rw,o::-"},
	{"an ACL gone", set_list, remove_access_list, {"d/f"}, OLD},
	{"an ACL, chmod=replace",
	 set_list,
	 set_access_list,
	 {"d/f"},
	 OLD,
	 .list = "u::rw,g::r,o::rw",
	 .options = "chmod=replace"},
	{"chmod of an ACL", set_list, change_mode, {"d/f"}, OLD, .mode = 0604},
	{"chmod=replace of an ACL",
	 set_list,
	 change_mode,
	 {"d/f"},
	 OLD,
	 .mode = 0604,
	 .options = "chmod=replace"},
	{"chown of an ACL", set_list, hand_on, {"d/f"}, OLD, .by_root = true},
	{"an ACL without a descriptor",
	 set_plain,
	 set_access_list,
	 {"p/f"},
	 .old_mode = 0640,
	 .list = "u::rw,u:64004:-,g::r,m::r,o::r"},
	{"an ACL on a folder with S_ISGID and without a descriptor",
	 set_plain_folder,
	 set_access_list,
	 {"p/sub"},
	 .old_mode = 03750,
	 .list = "u::rwx,u:64004:-,g::rx,m::rx,o::rx"},
	{"an ACL on a sticky folder",
	 set_folder_by_mode,
	 set_access_list,
	 {"d/sub"},
	 .old_mode = 01777,
	 .list = "u::rwx,u:64002:rwx,u:64004:-,g::rwx,m::rwx,o::rx"},
	{"a default ACL",
	 set_folder,
	 set_default,
	 {"d/sub"},
	 OLD,
	 .list = "u::rwx,u:64002:rwx,g::rx,m::rx,o::rwx"},
	{"another default ACL",
	 set_default_list,
	 set_default,
	 {"d/sub"},
	 OLD,
	 .list = "u::rwx,u:64004:rwx,g::-,m::rwx,o::-"},
	{"a default ACL gone", set_default_list, remove_default, {"d/sub"}, OLD},
	{"chmod of a folder with a default ACL",
	 set_default_list,
	 change_mode,
	 {"d/sub"},
	 OLD,
	 .mode = 0700},
	{"a file where a default ACL is handed on",
	 set_default_list,
	 create,
	 {"d/sub", "d/sub/new"},
	 OF_ALICE "D:P" ALICE_ALL,
	 .mode = 0644},
	{"a folder where a default ACL is handed on",
	 set_default_list,
	 make_folder,
	 {"d/sub", "d/sub/new"},
	 OF_ALICE "D:P" ALICE_ALL,
	 .mode = 0755},

	{"what goes inherits",
	 set_inherited,
	 move,
	 {"d/f", "d/sub/f"},
	 .options = "on-move=inherit",
	 .inherits = true},
	{"what was narrowed inherits",
	 set_inherited,
	 move,
	 {"d/f", "d/sub/f"},
	 .old_mode = 0600,
	 .options = "on-move=inherit",
	 .inherits = true},
	{"what goes inherits and replaces",
	 set_inherited,
	 move_over,
	 {"d/f", "d/sub/g"},
	 .options = "on-move=inherit",
	 .inherits = true},
	{"both inherit",
	 set_inherited,
	 exchange_folders,
	 {"d/f", "d/sub/g"},
	 .options = "on-move=inherit",
	 .inherits = true},
	{"what has no descriptor inherits",
	 set_implied,
	 move_plain,
	 {"p/f", "d/sub/f"},
	 .old_mode = 0664,
	 .options = "on-move=inherit",
	 .inherits = true},
	{"what has no descriptor and is private inherits",
	 set_implied,
	 move_plain,
	 {"p/f", "d/sub/f"},
	 .old_mode = 0600,
	 .options = "on-move=inherit",
	 .inherits = true},

	{"a second name", set_file, hard_link, {"d/f", "d/h"}, OLD},
	{"unlink", set_file, remove_file, {"d/f"}, OLD},
	{"rmdir", set_folder, remove_folder, {"d/sub"}, OLD},
	{"setxattr", set_file, set_user_attribute, {"d/f"}, OLD},
	{"removexattr", set_attribute, remove_user_attribute, {"d/f"}, OLD},
	{"truncate", set_file, cut, {"d/f"}, OLD},
	{"utimensat", set_file, touch, {"d/f"}, OLD},
};

/* ---- one scene, again and again ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	if (ftw->level > 0)
		ck_assert_msg(remove(path) == 0, "%s: %s", path, strerror(errno));
	return 0;
}

static void set(const struct scene *scene)
{
	nftw(at("d"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
	nftw(at("p"), remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (scene->set)
		scene->set(scene);
}

static void look(const struct scene *scene, struct sight sights[NAMES])
{
	memset(sights, 0, NAMES * sizeof(*sights));
	for (int i = 0; i < NAMES && scene->names[i]; i++)
		look_at(share, scene->names[i], &sights[i]);
}

static struct killed run(const struct scene *scene, enum victim victim, unsigned int at)
{
	union {
		const struct scene *in;
		void *out;
	} arg = {scene};
	const struct killing killing = {
		.daemon = share_daemon(share),
		.victim = victim,
		.at = at,
		.who = scene->by_root ? &root : &lookers[LOOKS_ALICE],
		.act = scene->act,
		.arg = arg.out,
	};

	return kill_at(&killing);
}

/* The same object or none, with the same contents? */
static bool same_thing(const struct sight *a, const struct sight *b)
{
	return a->exists == b->exists && strcmp(a->holds, b->holds) == 0;
}

static bool all_same(const struct sight *a, const struct sight *b)
{
	for (int i = 0; i < NAMES; i++)
		if (!same_thing(&a[i], &b[i]))
			return false;
	return true;
}

/* For messages: where it went wrong. */
static char place[PATH_MAX + 256];

static void check_powers(const struct sight *before, const struct sight *after,
			 const struct sight *now, int i)
{
	const struct powers *old = &before->powers[i], *new = &after->powers[i],
			    *is = &now->powers[i];
	unsigned int behind =
		old->behind | new->behind | granted_behind(old->granted | new->granted);
	const char *name = lookers[i].name;

	ck_assert_msg(!(is->granted & ~(old->granted | new->granted)),
		      "%s: %s is granted 0x%x, before 0x%x, after 0x%x", place, name, is->granted,
		      old->granted, new->granted);
	ck_assert_msg(is->reads <= (old->reads || new->reads), "%s: %s reads", place, name);
	ck_assert_msg(is->writes <= (old->writes || new->writes), "%s: %s writes", place, name);
	ck_assert_msg(is->lists <= (old->lists || new->lists), "%s: %s lists", place, name);
	ck_assert_msg(is->follows <= (old->follows || new->follows), "%s: %s follows", place, name);
	ck_assert_msg(is->sees <= (old->sees || new->sees), "%s: %s sees", place, name);
	ck_assert_msg(!(is->behind & ~behind), "%s: %s gets %o behind, before %o, after %o (%s)",
		      place, name, is->behind, old->behind, new->behind, now->sddl);
	/* What had a descriptor is never wider than it, nor is what is new.  Links have no mode of
	 * their own, and fifos are found by few. */
	if (now->stored && (before->stored || !before->exists) &&
	    (S_ISREG(now->mode) || S_ISDIR(now->mode)))
		ck_assert_msg(!(is->behind & ~granted_behind(is->granted)),
			      "%s: %s gets %o behind, and is granted 0x%x", place, name, is->behind,
			      is->granted);
}

/* A folder to which others write, and which is not sticky? */
static bool is_free_for_all(const struct sight *sight)
{
	return S_ISDIR(sight->mode) && (sight->mode & 0022) && !(sight->mode & S_ISVTX);
}

static void check_between(const struct sight *before, const struct sight *after,
			  const struct sight *now)
{
	if (!now->exists)
		return;
	ck_assert_msg(now->parses, "%s: half a descriptor", place);
	ck_assert_msg((before->exists && strcmp(now->sddl, before->sddl) == 0) ||
			      (after->exists && strcmp(now->sddl, after->sddl) == 0),
		      "%s: %s, before %s, after %s", place, now->sddl, before->sddl, after->sddl);
	ck_assert_msg(now->uid == 0 || now->uid == before->uid || now->uid == after->uid,
		      "%s: owner %u", place, now->uid);
	ck_assert_msg(!is_free_for_all(now) || is_free_for_all(before) || is_free_for_all(after),
		      "%s: whoever writes to it removes what is others': %o", place, now->mode);
	for (int i = 0; i < LOOKERS; i++)
		check_powers(before, after, now, i);
}

/* What is left under a name that nobody asked for: root's alone, or finished. */
static void check_draft(const char *name, const struct sight *finished)
{
	struct sight draft;

	snprintf(place + strlen(place), sizeof(place) - strlen(place), ", %s", name);
	look_at(share, name, &draft);
	ck_assert_msg(strlen(strrchr(name, '/') + 1) == strlen(DRAFT) + 32, "%s", place);
	if (draft.stored) {
		check_between(finished, finished, &draft);
		return;
	}
	ck_assert_msg(draft.uid == 0 && (S_ISLNK(draft.mode) || !(draft.mode & 0777)), "%s: %o",
		      place, draft.mode);
	for (int i = 0; i < LOOKERS; i++) {
		const struct powers *powers = &draft.powers[i];

		ck_assert_msg(!powers->reads && !powers->writes && !powers->lists, "%s: %s", place,
			      lookers[i].name);
		ck_assert_msg(S_ISLNK(draft.mode) || !powers->behind, "%s: %s", place,
			      lookers[i].name);
	}
}

/* The folder @name and what is unfinished in it. */
static unsigned int check_drafts(const char *name, const struct sight *finished)
{
	DIR *dir = opendir(share_behind(share, name));
	struct dirent *entry;
	char path[512];
	unsigned int count = 0;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		if (strncmp(entry->d_name, DRAFT, strlen(DRAFT)) == 0) {
			check_draft(path, finished);
			count++;
		}
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Checks what there is against @before and @after; is it as before? */
static bool check(const struct scene *scene, const struct sight *before, const struct sight *after,
		  unsigned int drafts)
{
	struct sight now[NAMES];
	int last = 0;

	look(scene, now);
	ck_assert_msg(all_same(before, now) || all_same(after, now),
		      "%s: neither as before nor as after", place);
	for (int i = 0; i < NAMES && scene->names[i]; i++) {
		const struct sight *then = &after[i];

		if (scene->inherits && strcmp(now[i].sddl, after[1 - i].sddl) == 0)
			then = &after[1 - i];
		check_between(&before[i], then, &now[i]);
		last = i;
	}
	drafts -= check_drafts("d", &after[last]) + check_drafts("d/sub", &after[last]) +
		  check_drafts("p", &after[last]);
	ck_assert_msg((int)drafts >= 0, "%s: too much is left", place);
	return all_same(before, now) && strcmp(now[0].sddl, before[0].sddl) == 0;
}

static void setup(const struct scene *scene)
{
	share = share_open(scene->options);
	put_folder(share_behind(share, "p"));
	ck_assert_int_eq(chmod(share_behind(share, "p"), 0777), 0);
	put_folder(at("d"));
	sddl_set(at("d"), FOLDER);
}

/* How many calls the change of @scene takes, and what it changes. */
static unsigned int rehearse(const struct scene *scene, struct sight before[NAMES],
			     struct sight after[NAMES])
{
	struct killed killed;

	set(scene);
	look(scene, before);
	killed = run(scene, VICTIM_DAEMON, 0);
	ck_assert_msg(killed.result == 0, "%s: %s", scene->title, strerror(-killed.result));
	ck_assert_msg(killed.calls > 0, "%s changes nothing", scene->title);
	look(scene, after);
	return killed.calls;
}

static void play(const struct scene *scene, enum victim victim)
{
	struct sight before[NAMES], after[NAMES];
	unsigned int calls;

	setup(scene);
	calls = rehearse(scene, before, after);
	for (unsigned int n = 1; n <= calls; n++) {
		struct killed killed;
		bool undone;

		snprintf(place, sizeof(place), "%s, before call %u of %u", scene->title, n, calls);
		set(scene);
		killed = run(scene, victim, n);
		ck_assert_msg(killed.done, "%s was not reached", place);
		if (victim == VICTIM_DAEMON)
			share_recover(share);
		undone = check(scene, before, after, victim == VICTIM_DAEMON);
		/* nothing that was left stands in the way */
		if (undone)
			ck_assert_msg((killed = run(scene, victim, 0)).result == 0, "%s, again: %s",
				      place, strerror(-killed.result));
	}
	share_close(share);
}

START_TEST(a_killed_daemon_leaves_nobody_more_than_the_change_would)
{
	play(&scenes[_i], VICTIM_DAEMON);
}
END_TEST

START_TEST(a_killed_caller_leaves_nobody_more_than_the_change_would)
{
	play(&scenes[_i], VICTIM_CALLER);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("crash");
	TCase *daemon = tcase_create("the daemon is killed");
	TCase *caller = tcase_create("the caller is killed");

	suite_add_tcase(suite, daemon);
	suite_add_tcase(suite, caller);
	tcase_add_loop_test(daemon, a_killed_daemon_leaves_nobody_more_than_the_change_would, 0,
			    COUNT(scenes));
	tcase_add_loop_test(caller, a_killed_caller_leaves_nobody_more_than_the_change_would, 0,
			    COUNT(scenes));
	return harness_run(suite);
}
