/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New objects: what they inherit, what a mode says, who owns them, what stands
 * in the backing folder; and objects whose making or descriptor went wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/mount/harness.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Lets all make what they like in a folder and hands nothing down. */
#define OPEN_TO_ALL "(A;;FA;;;WD)"
#define BY_DEFAULT "D:(A;;FA;;;" SID_ALICE ")(A;;FA;;;SY)"
#define OF_ALICE "O:" SID_ALICE "G:" SID_ALICE_GROUP

static struct share *share;

static void open_share(const char *options)
{
	share = share_open(options);
	put_folder(share_path(share, "folder"));
	sddl_set(share_path(share, "folder"), "O:SYG:SYD:" OPEN_TO_ALL);
}

static void setup(void)
{
	open_share(NULL);
}

static void teardown(void)
{
	share_close(share);
}

/* One way of making something, for as_user(). */
struct making {
	const char *name;
	mode_t kind; /* S_IFMT bits */
	mode_t mode;
	mode_t umask;
};

static int make_socket(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	err = bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static int make(void *arg)
{
	const struct making *making = arg;
	const char *path = share_path(share, making->name);
	int fd;

	umask(making->umask);
	switch (making->kind) {
	case S_IFDIR:
		return mkdir(path, making->mode) < 0 ? -errno : 0;
	case S_IFLNK:
		return symlink("nowhere", path) < 0 ? -errno : 0;
	case S_IFSOCK:
		return make_socket(path);
	case S_IFIFO:
		return mkfifo(path, making->mode) < 0 ? -errno : 0;
	default:
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, making->mode);
		return fd < 0 ? -errno : close(fd);
	}
}

static void alice_makes(const char *name, mode_t kind, mode_t mode)
{
	struct making making = {name, kind, mode, 022};
	int err = as_alice(make, &making);

	ck_assert_msg(err == 0, "making %s: %s", name, strerror(-err));
}

struct opening {
	const char *path;
	int flags;
};

static int try_open(void *arg)
{
	const struct opening *opening = arg;
	int fd = open(opening->path, opening->flags | O_CLOEXEC, 0666);

	return fd < 0 ? -errno : close(fd);
}

static int bob_opens(const char *name, int flags)
{
	return as_bob(try_open, &(struct opening){share_path(share, name), flags});
}

static int alice_opens(const char *name, int flags)
{
	return as_alice(try_open, &(struct opening){share_path(share, name), flags});
}

/* ---- inheritance ---- */

static const struct inheritance {
	const char *parent, *file, *folder;
} inheritances[] = {
	{"(A;OI;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;OIIO;FR;;;" SID_BOB ")"},
	{"(A;CI;FR;;;" SID_BOB ")", BY_DEFAULT, "D:(A;CI;FR;;;" SID_BOB ")"},
	{"(A;OICI;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;OICI;FR;;;" SID_BOB ")"},
	{"(A;OICIIO;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;OICI;FR;;;" SID_BOB ")"},
	{"(A;OIIO;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;OIIO;FR;;;" SID_BOB ")"},
	{"(A;CIIO;FR;;;" SID_BOB ")", BY_DEFAULT, "D:(A;CI;FR;;;" SID_BOB ")"},
	{"(A;OINP;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", BY_DEFAULT},
	{"(A;CINP;FR;;;" SID_BOB ")", BY_DEFAULT, "D:(A;;FR;;;" SID_BOB ")"},
	{"(A;OICINP;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")"},
	{"(A;OICINPIO;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")"},
	{"(A;OICIIO;FA;;;CO)", "D:(A;;FA;;;" SID_ALICE ")",
	 "D:(A;;FA;;;" SID_ALICE ")(A;OICIIO;FA;;;CO)"},
	{"(A;OIIO;FA;;;CO)", "D:(A;;FA;;;" SID_ALICE ")", "D:(A;OIIO;FA;;;CO)"},
	{"(A;CINP;FA;;;CO)", BY_DEFAULT, "D:(A;;FA;;;" SID_ALICE ")"},
	{"(A;OICIIO;FR;;;CG)", "D:(A;;FR;;;" SID_ALICE_GROUP ")",
	 "D:(A;;FR;;;" SID_ALICE_GROUP ")(A;OICIIO;FR;;;CG)"},
	{"(A;OICIIO;GR;;;" SID_BOB ")", "D:(A;;FR;;;" SID_BOB ")",
	 "D:(A;;FR;;;" SID_BOB ")(A;OICIIO;GR;;;" SID_BOB ")"},
	{"(D;OICI;FW;;;" SID_BOB ")(A;OICI;FA;;;WD)", "D:(D;;FW;;;" SID_BOB ")(A;;FA;;;WD)",
	 "D:(D;OICI;FW;;;" SID_BOB ")(A;OICI;FA;;;WD)"},
	{"", BY_DEFAULT, BY_DEFAULT},
};

static void check_child(const char *parent, const char *name, const char *expected)
{
	const char *text = sddl_get(share_path(share, name));

	ck_assert_msg(!strncmp(text, OF_ALICE, strlen(OF_ALICE)), "%s is %s", name, text);
	ck_assert_msg(!strcmp(text + strlen(OF_ALICE), expected), "of %s, %s has %s instead of %s",
		      parent, name, text + strlen(OF_ALICE), expected);
}

static void check_inheritance(const struct inheritance *row, const char *folder)
{
	char file[64], inner[64];

	snprintf(file, sizeof(file), "%s/file", folder);
	snprintf(inner, sizeof(inner), "%s/inner", folder);
	alice_makes(file, S_IFREG, 0644);
	alice_makes(inner, S_IFDIR, 0755);
	check_child(row->parent, file, row->file);
	check_child(row->parent, inner, row->folder);
}

START_TEST(children_inherit_as_on_windows)
{
	char folder[32];

	for (size_t i = 0; i < COUNT(inheritances); i++) {
		snprintf(folder, sizeof(folder), "folder%zu", i);
		put_folder(share_path(share, folder));
		sddl_set(share_path(share, folder), "O:SYG:SYD:" OPEN_TO_ALL "%s",
			 inheritances[i].parent);
		check_inheritance(&inheritances[i], folder);
	}
}
END_TEST

START_TEST(what_is_inherited_reaches_grandchildren)
{
	sddl_set(share_path(share, "folder"),
		 "O:SYG:SYD:" OPEN_TO_ALL "(A;OICI;FR;;;" SID_BOB ")(A;OICIIO;FA;;;CO)");
	alice_makes("folder/a", S_IFDIR, 0777);
	alice_makes("folder/a/b", S_IFDIR, 0777);
	alice_makes("folder/a/b/c", S_IFREG, 0666);
	ck_assert_str_eq(sddl_get(share_path(share, "folder/a/b/c")),
			 OF_ALICE "D:(A;;FR;;;" SID_BOB ")(A;;FA;;;" SID_ALICE ")");
	ck_assert_int_eq(bob_opens("folder/a/b/c", O_RDONLY), 0);
	ck_assert_int_eq(bob_opens("folder/a/b/c", O_WRONLY), -EACCES);
}
END_TEST

START_TEST(inherited_aces_are_marked_where_the_folder_is)
{
	const struct inheritance row = {"AI", "D:AI(A;ID;FR;;;" SID_BOB ")",
					"D:AI(A;OICIID;FR;;;" SID_BOB ")"};

	sddl_set(share_path(share, "folder"), "D:ARAI" OPEN_TO_ALL "(A;OICI;FR;;;" SID_BOB ")");
	check_inheritance(&row, "folder");
}
END_TEST

START_TEST(a_protected_folder_hands_down_but_not_its_protection)
{
	const struct inheritance row = {"P", "D:(A;;FR;;;" SID_BOB ")",
					"D:(A;OICI;FR;;;" SID_BOB ")"};

	sddl_set(share_path(share, "folder"), "D:P" OPEN_TO_ALL "(A;OICI;FR;;;" SID_BOB ")");
	check_inheritance(&row, "folder");
}
END_TEST

START_TEST(a_sacl_is_inherited)
{
	const struct inheritance row = {"S:", BY_DEFAULT "S:(AU;SA;FA;;;WD)",
					BY_DEFAULT "S:(AU;OICISA;FA;;;WD)"};

	sddl_set(share_path(share, "folder"), "S:(AU;OICISA;FA;;;WD)");
	check_inheritance(&row, "folder");
}
END_TEST

START_TEST(a_default_acl_of_the_backing_folder_is_inherited)
{
	const char *behind = share_behind(share, "posix");
	char user[32];

	snprintf(user, sizeof(user), "u:%d:r", BOB);
	ck_assert_int_eq(mkdir(behind, 0777), 0);
	ck_assert_int_eq(run_program((const char *[]){"setfacl", "-d", "-m", user, behind, NULL}),
			 0);
	alice_makes("posix/file", S_IFREG, 0666);
	ck_assert_int_eq(bob_opens("posix/file", O_RDONLY), 0);
	ck_assert_int_eq(bob_opens("posix/file", O_WRONLY), -EACCES);
	ck_assert_int_eq(alice_opens("posix/file", O_RDWR), 0);
}
END_TEST

START_TEST(in_a_folder_that_is_only_posix_the_owner_gets_all_and_others_nothing)
{
	ck_assert_int_eq(mkdir(share_behind(share, "posix"), 0777), 0);
	alice_makes("posix/file", S_IFREG, 0666);
	ck_assert_str_eq(sddl_get(share_path(share, "posix/file")), OF_ALICE BY_DEFAULT);
	ck_assert_int_eq(bob_opens("posix/file", O_RDONLY), -EACCES);
}
END_TEST

START_TEST(every_kind_of_object_gets_a_descriptor_and_an_owner)
{
	static const mode_t kinds[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK};
	struct stat st;
	char name[32], value[1024];

	sddl_set(share_path(share, "folder"), "D:" OPEN_TO_ALL "(A;OICINP;FR;;;" SID_BOB ")");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		snprintf(name, sizeof(name), "folder/kind%zu", i);
		alice_makes(name, kinds[i], 0777);
		check_child("every kind", name, "D:(A;;FR;;;" SID_BOB ")");
		ck_assert_int_eq(lstat(share_behind(share, name), &st), 0);
		ck_assert_int_eq(st.st_mode & S_IFMT, kinds[i]);
		ck_assert_int_eq(st.st_uid, ALICE);
		ck_assert_int_eq(st.st_gid, ALICE_GROUP);
		ck_assert_int_gt(lgetxattr(share_behind(share, name), "security.NTACL", value,
					   sizeof(value)),
				 0);
	}
}
END_TEST

START_TEST(links_and_moved_objects_keep_their_descriptor)
{
	const char *text;

	alice_makes("folder/file", S_IFREG, 0666);
	text = sddl_get(share_path(share, "folder/file"));
	put_folder(share_path(share, "other"));
	sddl_set(share_path(share, "other"), "D:(A;OICI;FA;;;WD)");
	ck_assert_int_eq(link(share_path(share, "folder/file"), share_path(share, "other/link")),
			 0);
	ck_assert_str_eq(sddl_get(share_path(share, "other/link")), text);
	ck_assert_int_eq(rename(share_path(share, "folder/file"), share_path(share, "other/file")),
			 0);
	ck_assert_str_eq(sddl_get(share_path(share, "other/file")), text);
}
END_TEST

/* ---- modes ---- */

#define SHARED "(A;OICI;FA;;;" SID_BOB ")(A;OICI;FA;;;" SID_ALICE ")"

static void open_shared(const char *options)
{
	open_share(options);
	sddl_set(share_path(share, "folder"), "O:SYG:SYD:" OPEN_TO_ALL SHARED);
}

START_TEST(by_default_only_a_private_mode_counts)
{
	open_shared(NULL);
	alice_makes("folder/private", S_IFREG, 0600);
	alice_makes("folder/group", S_IFREG, 0640);
	alice_makes("folder/inner", S_IFDIR, 0700);
	ck_assert_int_eq(bob_opens("folder/private", O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens("folder/private", O_RDWR), 0);
	ck_assert_int_eq(bob_opens("folder/group", O_RDWR), 0);
	ck_assert_int_eq(bob_opens("folder/inner", O_RDONLY | O_DIRECTORY), -EACCES);
	ck_assert_int_eq(alice_opens("folder/inner", O_RDONLY | O_DIRECTORY), 0);
}
END_TEST

START_TEST(with_create_mode_mask_every_mode_counts)
{
	open_shared("create-mode=mask");
	alice_makes("folder/private", S_IFREG, 0600);
	alice_makes("folder/group", S_IFREG, 0640);
	alice_makes("folder/all", S_IFREG, 0666);
	ck_assert_int_eq(bob_opens("folder/private", O_RDONLY), -EACCES);
	ck_assert_int_eq(bob_opens("folder/group", O_RDONLY), 0);
	ck_assert_int_eq(bob_opens("folder/group", O_WRONLY), -EACCES);
	ck_assert_int_eq(bob_opens("folder/all", O_RDWR), 0);
	ck_assert_int_eq(alice_opens("folder/group", O_RDWR), 0);
}
END_TEST

START_TEST(with_create_mode_ignore_no_mode_counts)
{
	open_shared("create-mode=ignore");
	alice_makes("folder/private", S_IFREG, 0600);
	ck_assert_int_eq(bob_opens("folder/private", O_RDWR), 0);
}
END_TEST

START_TEST(what_a_private_mode_took_comes_back_by_chmod)
{
	open_shared(NULL);
	alice_makes("folder/a", S_IFREG, 0600);
	alice_makes("folder/b", S_IFREG, 0666);
	ck_assert_str_ne(sddl_get(share_path(share, "folder/a")),
			 sddl_get(share_path(share, "folder/b")));
	ck_assert_int_eq(chmod(share_path(share, "folder/a"), 0777), 0);
	ck_assert_str_eq(sddl_get(share_path(share, "folder/a")),
			 sddl_get(share_path(share, "folder/b")));
}
END_TEST

START_TEST(the_umask_has_no_say)
{
	struct making strict = {"folder/strict", S_IFREG, 0666, 0777};
	struct making loose = {"folder/loose", S_IFREG, 0666, 0};
	struct making inner = {"folder/inner", S_IFDIR, 0777, 077};

	open_shared(NULL);
	ck_assert_int_eq(as_alice(make, &strict), 0);
	ck_assert_int_eq(as_alice(make, &loose), 0);
	ck_assert_int_eq(as_alice(make, &inner), 0);
	ck_assert_str_eq(sddl_get(share_path(share, "folder/strict")),
			 sddl_get(share_path(share, "folder/loose")));
	ck_assert_int_eq(bob_opens("folder/strict", O_RDWR), 0);
	ck_assert_int_eq(bob_opens("folder/inner", O_RDONLY | O_DIRECTORY), 0);
}
END_TEST

static mode_t mode_shown(const char *name)
{
	struct stat st;

	ck_assert_int_eq(lstat(share_path(share, name), &st), 0);
	return st.st_mode & 07777;
}

START_TEST(execute_bits_show_only_where_they_were_asked_for)
{
	open_shared(NULL);
	alice_makes("folder/plain", S_IFREG, 0666);
	alice_makes("folder/program", S_IFREG, 0777);
	ck_assert_int_eq(mode_shown("folder/plain") & 0111, 0);
	ck_assert_int_eq(mode_shown("folder/program") & 0110, 0110);
	ck_assert_int_eq(chmod(share_path(share, "folder/plain"), 0755), 0);
	ck_assert_int_eq(mode_shown("folder/plain") & 0100, 0100);
}
END_TEST

START_TEST(suid_and_sgid_cannot_be_created)
{
	struct stat st;

	alice_makes("folder/file", S_IFREG, 06777);
	alice_makes("folder/inner", S_IFDIR, 06777);
	alice_makes("folder/fifo", S_IFIFO, 06777);
	ck_assert_int_eq(mode_shown("folder/file") & 06000, 0);
	ck_assert_int_eq(mode_shown("folder/inner") & 06000, 0);
	ck_assert_int_eq(stat(share_behind(share, "folder/file"), &st), 0);
	ck_assert_int_eq(st.st_mode & 06000, 0);
	ck_assert_int_eq(stat(share_behind(share, "folder/fifo"), &st), 0);
	ck_assert_int_eq(st.st_mode & 06000, 0);
}
END_TEST

static int create_and_use(void *arg)
{
	const char *path = arg;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	char byte;

	if (fd < 0 || write(fd, "x", 1) != 1 || pread(fd, &byte, 1, 0) != 1 || byte != 'x')
		return -EIO;
	/* the handle was the creator's; who opens again is judged */
	return open(path, O_RDONLY | O_CLOEXEC) < 0 ? -errno : 0;
}

START_TEST(a_creators_own_handle_may_do_what_it_was_opened_for)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", share_path(share, "folder/file"));
	sddl_set(share_path(share, "folder"), "D:" OPEN_TO_ALL "(A;OI;FR;;;" SID_BOB ")");
	ck_assert_int_eq(as_alice(create_and_use, path), -EACCES);
	ck_assert_str_eq(get_file(share_behind(share, "folder/file")), "x");
}
END_TEST

static int make_unnamed(void *arg)
{
	int fd = open(arg, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	return write(fd, "x", 1) == 1 ? close(fd) : -EIO;
}

START_TEST(a_file_without_a_name_needs_the_right_to_add_one)
{
	char folder[256];
	int err;

	snprintf(folder, sizeof(folder), "%s", share_path(share, "folder"));
	err = as_alice(make_unnamed, folder);
	if (err == -EOPNOTSUPP) /* libfuse before 3.17 */
		return;
	ck_assert_int_eq(err, 0);
	sddl_set(folder, "D:(A;;FA;;;" SID_BOB ")");
	ck_assert_int_eq(as_alice(make_unnamed, folder), -EACCES);
}
END_TEST

/* ---- the backing folder ---- */

static const char *const descriptors[] = {
	"D:(A;;FA;;;WD)",
	"D:(A;;FA;;;" SID_ALICE ")",
	"D:(A;;FR;;;" SID_ALICE ")(A;;FW;;;" SID_BOB ")",
	"D:(D;;FR;;;" SID_ALICE ")(A;;FA;;;WD)",
	"D:(D;;FW;;;" SID_TEAM ")(A;;FA;;;WD)",
	"D:(A;;FA;;;" SID_TEAM ")(D;;FA;;;" SID_BOB ")",
	"D:(A;;FR;;;" SID_TEAM ")(A;;FW;;;" SID_CREW ")",
	"D:(D;;FA;;;" SID_CREW ")(A;;FR;;;" SID_ALICE_GROUP ")(A;;FW;;;AU)",
	"D:(A;;0x4;;;WD)",
	"D:(A;;0x1;;;AU)(A;;0x2;;;" SID_TEAM ")",
	"D:(A;;FA;;;BA)(A;;FR;;;BU)",
	"D:(A;;FA;;;CO)",
	"D:(A;;FR;;;OW)(A;;FA;;;" SID_BOB ")",
	"D:(D;;FA;;;AN)(A;;FA;;;WD)",
	"D:",
	"D:NO_ACCESS_CONTROL",
};

static const struct person {
	uid_t uid;
	gid_t gid;
	gid_t groups[2];
	size_t count;
} people[] = {
	{ALICE, ALICE_GROUP, {0}, 0},          {ALICE, ALICE_GROUP, {TEAM}, 1},
	{ALICE, ALICE_GROUP, {TEAM, CREW}, 2}, {BOB, BOB_GROUP, {0}, 0},
	{BOB, BOB_GROUP, {CREW}, 1},           {64009, 64109, {0}, 0},
	{64009, ALICE_GROUP, {TEAM}, 1},
};

static int open_as(const struct person *person, const char *path, int flags)
{
	return as_user(person->uid, person->gid, person->count, person->groups, try_open,
		       &(struct opening){path, flags});
}

/* Who may do something behind the mount may do it on the mount. */
static void check_back_door(const char *name, const char *sddl, bool folder)
{
	static const int flags[] = {O_RDONLY, O_WRONLY};

	for (size_t i = 0; i < COUNT(people); i++) {
		for (size_t j = 0; j < (folder ? 1 : COUNT(flags)); j++) {
			int behind = open_as(&people[i], share_behind(share, name), flags[j]);
			int before = open_as(&people[i], share_path(share, name), flags[j]);

			ck_assert_msg(behind != 0 || before == 0,
				      "%s (%s): user %u of group %u, person %zu, may %s it behind",
				      name, sddl, people[i].uid, people[i].gid, i,
				      j ? "write" : "read");
		}
	}
}

START_TEST(the_backing_folder_is_no_back_door)
{
	const char *sddl = descriptors[_i];

	put_file(share_path(share, "folder/file"), "text");
	put_folder(share_path(share, "folder/inner"));
	sddl_set(share_path(share, "folder/file"), "O:" SID_ALICE "G:" SID_ALICE_GROUP "%s", sddl);
	sddl_set(share_path(share, "folder/inner"), "O:" SID_ALICE "G:" SID_TEAM "%s", sddl);
	check_back_door("folder/file", sddl, false);
	check_back_door("folder/inner", sddl, true);
	sddl_set(share_path(share, "folder/file"), "O:SYG:SY");
	check_back_door("folder/file", sddl, false);
}
END_TEST

/* No execute bits are shown, though they were all that a class had. */
START_TEST(without_execute_bits_the_mask_is_not_empty)
{
	const char *parent = "D:" OPEN_TO_ALL "(D;OICIIO;FR;;;CG)(D;OICIIO;FR;;;" SID_BOB ")"
			     "(A;OICIIO;FX;;;" SID_BOB ")(A;OICIIO;FA;;;CO)(A;OICIIO;FR;;;WD)";

	sddl_set(share_path(share, "folder"), "%s", parent);
	alice_makes("folder/file", S_IFREG, 0644);
	check_back_door("folder/file", parent, false);
}
END_TEST

START_TEST(the_backing_folder_of_what_is_created_is_no_back_door)
{
	const char *parent = "D:" OPEN_TO_ALL "(D;OICI;FW;;;" SID_TEAM ")(A;OICI;FR;;;AU)"
			     "(A;OICI;FA;;;" SID_BOB ")(A;OICIIO;FA;;;CO)";

	sddl_set(share_path(share, "folder"), "%s", parent);
	alice_makes("folder/file", S_IFREG, 0666);
	alice_makes("folder/private", S_IFREG, 0600);
	alice_makes("folder/inner", S_IFDIR, 0777);
	check_back_door("folder/file", parent, false);
	check_back_door("folder/private", parent, false);
	check_back_door("folder/inner", parent, true);
	/* and yet it is of use */
	ck_assert_int_eq(open_as(&people[0], share_behind(share, "folder/file"), O_RDONLY), 0);
}
END_TEST

/* ---- what went wrong ---- */

START_TEST(an_object_left_half_made_is_roots_alone)
{
	/* as a crash leaves it: made with mode 0, no descriptor yet */
	ck_assert_int_eq(mknod(share_behind(share, "folder/half"), S_IFREG, 0), 0);
	ck_assert_int_eq(mkdir(share_behind(share, "folder/inner"), 0), 0);
	ck_assert_int_eq(mknod(share_behind(share, "folder/inner/file"), S_IFREG | 0666, 0), 0);
	ck_assert_int_eq(chmod(share_behind(share, "folder/inner/file"), 0666), 0);
	ck_assert_int_eq(alice_opens("folder/half", O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens("folder/half", O_WRONLY), -EACCES);
	ck_assert_int_eq(alice_opens("folder/half", O_WRONLY | O_APPEND), -EACCES);
	ck_assert_int_eq(alice_opens("folder/inner", O_RDONLY | O_DIRECTORY), -EACCES);
	ck_assert_int_eq(alice_opens("folder/inner/file", O_RDONLY), -EACCES);
	ck_assert_ptr_nonnull(get_file(share_path(share, "folder/half")));
	ck_assert_int_eq(unlink(share_path(share, "folder/half")), 0);
}
END_TEST

static int get_text(void *arg)
{
	char text[4096];

	return sddl_read_path(arg, text, sizeof(text));
}

static int get_stat(void *arg)
{
	struct stat st;

	return lstat(arg, &st) < 0 ? -errno : 0;
}

static int set_all(void *arg)
{
	return sddl_try(arg, "D:(A;;FA;;;WD)");
}

static void check_closed(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s", share_path(share, name));
	ck_assert_int_eq(alice_opens(name, O_RDONLY), -EACCES);
	ck_assert_int_eq(alice_opens(name, O_WRONLY | O_APPEND), -EACCES);
	ck_assert_int_eq(as_alice(get_text, path), -EACCES);
	ck_assert_int_eq(as_alice(get_stat, path), -EACCES);
	ck_assert_int_eq(as_alice(set_all, path), -EACCES);
}

/* Of a folder in which alice may list nothing, so that stat hangs on the object alone. */
START_TEST(a_malformed_descriptor_closes_the_object_until_root_repairs_it)
{
	const char *behind = share_behind(share, "folder/file");
	char good[1024], bad[1024];
	ssize_t size;

	put_file(share_path(share, "folder/file"), "text");
	sddl_set(share_path(share, "folder"), "D:(A;;0x20;;;WD)");
	sddl_set(share_path(share, "folder/file"), OF_ALICE "D:(A;;FA;;;WD)");
	ck_assert_int_eq(alice_opens("folder/file", O_RDWR), 0);
	size = getxattr(behind, "security.NTACL", good, sizeof(good));
	ck_assert_int_gt(size, 40);
	for (int i = 0; i < 6; i++) {
		size_t sizes[] = {0, 1, (size_t)size / 2, (size_t)size - 1, (size_t)size, 4};

		memcpy(bad, good, sizeof(bad));
		if (i == 4)
			bad[0] = 9; /* no such version */
		ck_assert_int_eq(setxattr(behind, "security.NTACL", bad, sizes[i], 0), 0);
		check_closed("folder/file");
	}
	ck_assert(share_log_contains(share, "descriptor-malformed"));
	ck_assert_str_eq(get_file(share_path(share, "folder/file")), "text");
	sddl_set(share_path(share, "folder/file"), OF_ALICE "D:(A;;FA;;;WD)");
	ck_assert_int_eq(alice_opens("folder/file", O_RDWR), 0);
	ck_assert_int_eq(getxattr(behind, "security.NTACL", bad, sizeof(bad)), size);
}
END_TEST

START_TEST(a_large_descriptor_works)
{
	char sddl[8000];
	size_t used = (size_t)snprintf(sddl, sizeof(sddl), "D:");

	/* larger than what is read without asking for the size first, within what ext4 stores */
	for (int i = 0; i < 90; i++)
		used += (size_t)snprintf(sddl + used, sizeof(sddl) - used, "(D;;0x1;;;S-1-22-1-%d)",
					 100000 + i);
	snprintf(sddl + used, sizeof(sddl) - used, "(A;;FR;;;WD)");
	put_file(share_path(share, "folder/file"), "text");
	sddl_set(share_path(share, "folder/file"), "%s", sddl);
	ck_assert_int_eq(alice_opens("folder/file", O_RDONLY), 0);
	ck_assert_int_eq(as_user(100089, 64109, 0, NULL, try_open,
				 &(struct opening){share_path(share, "folder/file"), O_RDONLY}),
			 -EACCES);
}
END_TEST

static TCase *with_share(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	suite_add_tcase(suite, tcase);
	return tcase;
}

static void add_modes(Suite *suite)
{
	TCase *modes = tcase_create("modes");

	tcase_add_checked_fixture(modes, NULL, teardown);
	tcase_add_test(modes, by_default_only_a_private_mode_counts);
	tcase_add_test(modes, with_create_mode_mask_every_mode_counts);
	tcase_add_test(modes, with_create_mode_ignore_no_mode_counts);
	tcase_add_test(modes, what_a_private_mode_took_comes_back_by_chmod);
	tcase_add_test(modes, the_umask_has_no_say);
	tcase_add_test(modes, execute_bits_show_only_where_they_were_asked_for);
	suite_add_tcase(suite, modes);
}

int main(void)
{
	Suite *suite = suite_create("create");
	TCase *inheritance = with_share(suite, "inheritance");
	TCase *behind = with_share(suite, "behind"), *wrong = with_share(suite, "wrong");

	tcase_add_test(inheritance, children_inherit_as_on_windows);
	tcase_add_test(inheritance, what_is_inherited_reaches_grandchildren);
	tcase_add_test(inheritance, inherited_aces_are_marked_where_the_folder_is);
	tcase_add_test(inheritance, a_protected_folder_hands_down_but_not_its_protection);
	tcase_add_test(inheritance, a_sacl_is_inherited);
	tcase_add_test(inheritance, a_default_acl_of_the_backing_folder_is_inherited);
	tcase_add_test(inheritance,
		       in_a_folder_that_is_only_posix_the_owner_gets_all_and_others_nothing);
	tcase_add_test(inheritance, every_kind_of_object_gets_a_descriptor_and_an_owner);
	tcase_add_test(inheritance, links_and_moved_objects_keep_their_descriptor);
	tcase_add_test(inheritance, suid_and_sgid_cannot_be_created);
	tcase_add_test(inheritance, a_creators_own_handle_may_do_what_it_was_opened_for);
	tcase_add_test(inheritance, a_file_without_a_name_needs_the_right_to_add_one);
	add_modes(suite);
	tcase_add_loop_test(behind, the_backing_folder_is_no_back_door, 0, COUNT(descriptors));
	tcase_add_test(behind, the_backing_folder_of_what_is_created_is_no_back_door);
	tcase_add_test(behind, without_execute_bits_the_mask_is_not_empty);
	tcase_add_test(wrong, an_object_left_half_made_is_roots_alone);
	tcase_add_test(wrong, a_malformed_descriptor_closes_the_object_until_root_repairs_it);
	tcase_add_test(wrong, a_large_descriptor_works);
	return harness_run(suite);
}
