/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A mount answers as the folder behind it would, wherever the descriptor does not
 * speak: the same calls by the same callers on a native folder and on a mount of one
 * that is to be as POSIX as it can (docs/posix.md), call by call.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/mount/harness.h"
#include "tests/mount/script.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* the most POSIX that a mount can be */
#define POSIX_OPTIONS "chmod=replace,create-mode=posix,traverse=strict"

/* How mounts differ, in the words of docs/posix.md. */
static const struct difference differences[] = {
	{"device", "Device nodes cannot be made, by root neither: EPERM."},
	{"suid",
	 "S_ISUID, S_ISGID and S_ISVTX of files are never set: a mount is nosuid, and so is what "
	 "lies behind it."},
	{"special",
	 "Who may not both read and write a fifo or socket does not find it, its owner neither: "
	 "EACCES for every call that names it, since the kernel opens it by itself once it is "
	 "found."},
	{"order",
	 "Where several errors apply, the kernel's check of what a name is comes before the check "
	 "of rights: ENOTDIR or EISDIR instead of EACCES."},
	{"sticky", "What the sticky bit refuses fails with EACCES instead of EPERM."},
	{"link", "link(2) to an object that one neither owns nor may read and write fails with "
		 "EACCES instead "
		 "of EPERM."},
	{"nothing",
	 "chown(2) that changes nothing sets the time of change only for who may set times."},
};

static struct share *share;
static struct players *players;
static struct script_run run;

static void open_posix(const char *options)
{
	share = share_open(options);
	run = (struct script_run){
		.native = share_behind(share, "../native"),
		.mount = share_path(share, ""),
		.behind = share_behind(share, ""),
		.differences = differences,
		.difference_count = COUNT(differences),
	};
	run.native = strdup(run.native);
	run.mount = strdup(run.mount);
	run.behind = strdup(run.behind);
	ck_assert_int_eq(mkdir(run.native, 0755), 0);
	ck_assert_int_eq(chmod(run.native, 0755), 0);
	players = players_start();
}

static void setup(void)
{
	open_posix(POSIX_OPTIONS);
}

static void teardown(void)
{
	players_stop(players);
	share_close(share);
	free((void *)(uintptr_t)run.native);
	free((void *)(uintptr_t)run.mount);
	free((void *)(uintptr_t)run.behind);
}

static void play(const char *name, const char *script)
{
	unsigned int wrong = script_play(players, &run, name, script);

	ck_assert_msg(wrong == 0, "%s: %u answers differ", name, wrong);
}

/* ---- what all calls have in common ---- */

/* Every call that names something, on a path that is %s. */
static const char *const on_path[] = {
	"chmod %s 0644",
	"chown %s 0 0",
	"truncate %s 1",
	"open %s r",
	"open %s wc 0644",
	"mkdir %s 0755",
	"rmdir %s",
	"unlink %s",
	"symlink x %s",
	"mknod %s p 0644",
	"link f %s",
	"link %s new",
	"rename f %s",
	"rename %s new",
	"noreplace %s new",
	"exchange %s g",
	"utimens %s 1 2",
	"access %s 0",
	"stat %s",
	"readlink %s",
	"list %s",
	"touch %s",
	"create %s 0644",
	"setxattr %s user.a b 0",
	"getxattr %s user.a",
};

/* @differs: what of the calls has its own errno, and why, or NULL */
static void play_on_path(const char *name, const char *before, const char *who, const char *path,
			 const char *differs)
{
	char script[SCRIPT_TEXT * 2];
	size_t used;

	used = (size_t)snprintf(script, sizeof(script),
				"root create f 0666;root create g 0666\n%s\n", before);
	for (size_t i = 0; i < COUNT(on_path); i++) {
		size_t word = strcspn(on_path[i], " ");
		bool marked = differs && !strncmp(differs, on_path[i], word);

		used += (size_t)snprintf(script + used, sizeof(script) - used, "%s ", who);
		used += (size_t)snprintf(script + used, sizeof(script) - used, on_path[i], path);
		used += (size_t)snprintf(script + used, sizeof(script) - used, "%s\n",
					 marked ? differs + word : "");
	}
	play(name, script);
}

START_TEST(names_and_paths_may_be_as_long_as_they_may)
{
	play_on_path("n256", "", "alice", "%256", NULL);
	play_on_path("n256in", "alice mkdir d 0755", "alice", "d/%256", NULL);
	play_on_path("p4096", "", "alice", "%P4096:x", NULL);
	play_on_path("empty", "", "alice", "\"\"", NULL);
	play("n255",
	     "alice mkdir d 0755;alice create d/%255 0644 x;alice stat d/%255;alice list d\n"
	     "alice rename d/%255 %255;alice link %255 d/%255;alice unlink d/%255\n"
	     "alice symlink %255 l;alice readlink l;alice stat l;alice name_max d\n"
	     "alice mkdir d/%255 0755;alice rmdir d/%255;alice mknod d/%255 p 0644\n"
	     "alice create %P4095:x 0644;alice stat %P4095:x;alice chmod %P4095:x 0600\n"
	     "alice unlink %P4095:x;alice symlink %4095 s;alice readlink s;alice stat s\n"
	     "alice symlink %4096 s2;alice symlink \"\" s3;alice symlink %1000 s4;alice lstat s4");
}
END_TEST

START_TEST(what_is_no_folder_is_not_passed)
{
	play_on_path("notdir", "alice create file 0644", "alice", "file/x", NULL);
	play_on_path("slash", "alice create file 0644", "alice", "file/", NULL);
	play_on_path("none", "", "alice", "none/x", NULL);
	play_on_path("nothing", "", "alice", "none", NULL);
	play_on_path("broken", "alice symlink none l", "alice", "l", NULL);
	play_on_path("brokenin", "alice symlink none l", "alice", "l/x", NULL);
}
END_TEST

START_TEST(links_that_lead_in_circles_are_not_followed)
{
	play_on_path("loop", "alice symlink l2 l1;alice symlink l1 l2", "alice", "l1", NULL);
	play_on_path("loopin", "alice symlink l2 l1;alice symlink l1 l2", "alice", "l1/x", NULL);
	play("follow",
	     "alice create f 0644 text;alice mkdir d 0755;alice symlink f l;alice symlink d ld\n"
	     "alice open l r;alice open l rn;alice open l wcx 0644;alice open ld rd\n"
	     "alice open ld rdn;alice chmod l 0600;alice lchmod l 0600;alice create ld/x 0644\n"
	     "alice truncate l 2;alice link l l2;alice rename l l3;alice unlink ld;alice rmdir ld\n"
	     "root lchown l3 64002 64102;root chown l3 64001 64101;alice utimens l3 now now\n"
	     "alice lutimens l3 5.000000006 7.000000008;alice open l3 p;alice open l3 pn;alice "
	     "open l2 rt\n"
	     "alice symlink x d;alice symlink ../follow/f up;alice read up;alice symlink / "
	     "root;alice stat root\n"
	     "alice open none cx 0644;alice symlink nowhere s;alice open s wc 0644;alice stat "
	     "nowhere\n"
	     "alice rmdir s;alice mkdir s 0755;alice rename s d");
}
END_TEST

START_TEST(folders_are_passed_as_their_mode_says)
{
	play_on_path("search", "alice mkdir d 0755;alice create d/x 0666;alice chmod d 0644",
		     "alice", "d/x", NULL);
	play_on_path("searchbob", "alice mkdir d 0755;alice create d/x 0666;alice chmod d 0766",
		     "bob", "d/x", NULL);
	play_on_path("searchnew", "alice mkdir d 0755;alice chmod d 0766", "bob", "d/new", NULL);
	play_on_path("searchcrew",
		     "root mkdir d 0755;root create d/x 0666;root chown d 64001 64201;"
		     "root chmod d 0707",
		     "crew", "d/x", NULL);
	play_on_path("searchroot", "alice mkdir d 0755;alice create d/x 0666;alice chmod d 0000",
		     "root", "d/x", NULL);
}
END_TEST

START_TEST(folders_are_written_to_as_their_mode_says)
{
	play_on_path("write", "alice mkdir d 0755;alice create d/x 0666;alice chmod d 0555",
		     "alice", "d/x", "rmdir !order");
	play_on_path("writenew", "alice mkdir d 0755;alice chmod d 0555", "alice", "d/new", NULL);
	play_on_path("writebob", "alice mkdir d 0755;alice create d/x 0666", "bob", "d/x",
		     "rmdir !order");
	play_on_path("writecrew",
		     "root mkdir d 0755;root create d/x 0666;root chown d 64001 64201;"
		     "root chmod d 0775",
		     "crew", "d/x", NULL);
}
END_TEST

/* ---- modes ---- */

static const unsigned int modes[] = {0777, 0700, 0600, 0500, 0400, 0300, 0200, 0100, 0000, 0070,
				     0060, 0040, 0007, 0006, 0004, 0002, 0001, 0077, 0707, 0770,
				     0477, 0747, 0774, 0117, 0064, 0046, 0222, 0444, 0111};

static const char *const callers[] = {"root", "alice", "team", "bob", "crew"};

/* @format with a mode and the caller in it, for all of them. */
static unsigned int play_modes(const char *name, const char *before, const char *each,
			       const char *step, const char *const *ways, size_t way_count)
{
	static char script[262144];
	size_t used = (size_t)snprintf(script, sizeof(script), "%s\n", before);

	for (size_t m = 0; m < COUNT(modes); m++) {
		used += (size_t)snprintf(script + used, sizeof(script) - used, "%s 0%o\n", each,
					 modes[m]);
		for (size_t c = 0; c < COUNT(callers); c++)
			for (size_t w = 0; w < way_count; w++) {
				used += (size_t)snprintf(script + used, sizeof(script) - used,
							 "%s ", callers[c]);
				used += (size_t)snprintf(script + used, sizeof(script) - used, step,
							 ways[w]);
				used += (size_t)snprintf(script + used, sizeof(script) - used,
							 "\n");
			}
	}
	return script_play(players, &run, name, script);
}

START_TEST(files_are_opened_as_their_mode_says)
{
	static const char *const ways[] = {"open f r",   "open f w",  "open f b",
					   "open f rt",  "open f wa", "access f 1",
					   "access f 6", "touch f",   "truncate f 3"};

	ck_assert_uint_eq(play_modes("files", "root create f 0666 text;root chown f 64001 64201",
				     "root chmod f", "%s", ways, COUNT(ways)),
			  0);
}
END_TEST

START_TEST(folders_are_opened_and_changed_as_their_mode_says)
{
	static const char *const ways[] = {"list d",         "stat d/f",          "access d 3",
					   "access d 7",     "create d/new 0644", "unlink d/new",
					   "rename d/f d/g", "rename d/g d/f"};

	ck_assert_uint_eq(
		play_modes("folders",
			   "root mkdir d 0755;root create d/f 0666;root chown d 64001 64201",
			   "root chmod d", "%s", ways, COUNT(ways)),
		0);
}
END_TEST

START_TEST(programs_run_as_their_mode_says)
{
	static const char *const ways[] = {"exec f", "access f 1"};

	ck_assert_uint_eq(play_modes("programs",
				     "root create f 0755 #!/bin/true;root chown f 64001 64201",
				     "root chmod f", "%s", ways, COUNT(ways)),
			  0);
}
END_TEST

/* ---- call by call ---- */

START_TEST(chmod_is_the_owners)
{
	play("chmod",
	     "alice create f 0644 text;alice mkdir d 0755;alice mknod p p 0644;alice symlink f l\n"
	     "alice chmod f 0111;alice chmod d 0711;alice chmod p 0666;alice chmod f 0000;alice "
	     "chmod f 0644\n"
	     "bob chmod f 0777;bob chmod d 0777;bob chmod p 0777;crew chmod f 0666;root chmod f "
	     "0600\n"
	     "alice chmod l 0640;alice lchmod l 0777;alice chmod d 01777;alice chmod d 0755\n"
	     "root chown f 64002 64101;alice chmod f 0644;bob chmod f 0604;root chmod d 01777;bob "
	     "chmod d 0\n"
	     "root chown d 64001 64201;alice chmod d 02775;team chmod d 02775;alice chmod d 0775\n"
	     "root chmod d 03777;alice chmod none 0644;alice chmod . 0700;root chmod . 0755;root "
	     "chmod . 0777\n"
	     "alice keep d rd 0 0;alice fchmod 0 0750;alice close 0;bob keep f r 0 1;bob fchmod 1 "
	     "0600\n"
	     "bob close 1;bob fchmod 1 0600;bob chmod f 07777 !suid;root chmod f 04755 !suid");
}
END_TEST

START_TEST(chown_is_roots_and_the_group_the_owners)
{
	play("chown",
	     "alice create f 0644 text;alice mkdir d 0755;alice symlink f l;alice mknod p p 0666\n"
	     "alice chown f 64002 -1;alice chown f -1 64102;alice chown f 64001 64101;alice chown "
	     "f -1 -1\n"
	     "team chown f -1 64201;team chown f 64001 64101;alice chown f -1 64201;team chown d "
	     "-1 64201\n"
	     "bob chown f -1 64102;bob chown f 64002 64102;bob chown f -1 -1 !nothing;bob chown f "
	     "64001 -1\n"
	     "root chown f 64002 64102;bob read f;alice read f;alice chmod f 0600;bob chmod f "
	     "0640;bob read f\n"
	     "root chown f 0 0;bob read f;root chown f 64001 64201;crew read f;bob read f;team "
	     "read f\n"
	     "root lchown l 64002 64102;root chown l 64002 64102;alice lchown l 64001 -1;bob "
	     "lchown l -1 64102\n"
	     "root chown d 64002 64201;bob chmod d 0770;crew create d/x 0644;alice create d/y "
	     "0644\n"
	     "root chown p 64002 64102;bob chown p -1 64102;root chown none 0 0;root chown f -1 "
	     "64102\n"
	     "bob keep f r 0 0;alice keep f r 0 0;alice fchown 0 -1 64101;alice fchown 0 64002 "
	     "-1;alice close 0\n"
	     "root chown f 64002 -1;root chown f -1 0;root chown f 4294967294 -1;root chown f "
	     "64001 64101");
}
END_TEST

START_TEST(link_makes_another_name)
{
	play("link",
	     "alice create f 0644 text;alice link f g;alice link f h;alice write g "
	     "more;alice unlink f\n"
	     "alice chmod h 0600;alice unlink h;alice read g;alice mkdir d 0755;alice link "
	     "d e;root link d e\n"
	     "alice link g g;alice link g d;alice link none x;alice link g d/g;alice "
	     "rename g d/g;alice lstat g\n"
	     "alice symlink g l;alice link l l2;alice readlink l2;alice mknod p p "
	     "0644;alice link p q;alice unlink p\n"
	     "alice mknod s s 0644;alice link s t;root create rf 0644;alice link rf x !link;root "
	     "create rw 0666\n"
	     "alice link rw x;bob mkdir b 0755;alice link g b/g;alice link b/none x;alice "
	     "link d/none/x y");
}
END_TEST

START_TEST(mkdir_makes_a_folder_of_its_makers)
{
	play("mkdir", "alice mkdir a 0755;alice mkdir a 0755;alice mkdir a/b 0700;alice mkdir a/c "
		      "0000;alice mkdir a/d 01777\n"
		      "alice umask 022;alice mkdir u 0777;alice umask 077;alice mkdir v 0777;alice "
		      "umask 0;alice mkdir w 04777\n"
		      "alice mkdir . 0755;alice mkdir .. 0755;alice mkdir a/. 0755;alice mkdir "
		      "a/new/ 0755;bob mkdir a/x 0755\n"
		      "alice create f 0644;alice mkdir f 0755;alice symlink none l;alice mkdir l "
		      "0755;root mkdir r 0755\n"
		      "bob mkdir r/x 0755;root chown a -1 64201;root chmod a 02777;bob mkdir a/g "
		      "0755;bob create a/gf 0644\n"
		      "bob mkdir a/g/h 0755;crew mknod a/p p 0644;bob symlink x a/l;root mkdir a/r "
		      "0755;bob umask 027\n"
		      "bob mkdir a/m 02777;bob umask 0;bob chmod a/g 0755;bob chmod a/g 02755;crew "
		      "mkdir a/k 0755;crew chmod a/k 02755");
}
END_TEST

START_TEST(mknod_makes_fifos_sockets_and_files)
{
	play("mknod", "alice mknod p p 0644;alice mknod s s 0644;alice mknod f f 0644;alice mknod "
		      "p p 0644;alice mknod f p 0644\n"
		      "alice mknod c c 0644;alice mknod b b 0644;root mknod c c 0644 !device;root "
		      "mknod b b 0644 !device\n"
		      "alice umask 022;alice mknod q p 0666;alice mknod t s 0777;alice mknod g f "
		      "0666;alice umask 0\n"
		      "alice mkdir d 0755;bob mknod d/p p 0644;alice mknod d p 0644;alice symlink "
		      "x l;alice mknod l p 0644\n"
		      "alice open p rk;alice open p b;bob open q w;bob stat q !special\n"
		      "bob chmod q 0666 !special;alice chmod q 0666;bob stat q;bob open q rk;alice "
		      "unlink q;alice rename p r;alice link r r2\n"
		      "alice bind sock;alice bind sock;alice connect sock;bob connect sock;alice "
		      "chmod sock 0666;bob connect sock");
}
END_TEST

START_TEST(open_makes_opens_and_cuts)
{
	play("open", "alice open f wc 0644;alice open f wc 0600;alice open f wcx 0644;alice write "
		     "f text;alice open f wt\n"
		     "alice write f text;alice open f rt;alice write f text;alice open f wct "
		     "0644;alice write f text\n"
		     "alice umask 022;alice open u wc 0777;alice umask 077;alice open v bc "
		     "0777;alice umask 0\n"
		     "alice open m wc 0;alice open m r;alice open k bc 0444;alice open k w;alice "
		     "open k r;bob open f w;bob open f r\n"
		     "bob open f bc 0644;bob open f wt;bob open f rt;alice mkdir d 0755;alice open "
		     "d r;alice open d w;alice open d b\n"
		     "alice open d rc 0644;alice open d rt;alice open d wcx 0644;alice open d "
		     "rd;alice open f rd;bob open d/x wc 0644\n"
		     "alice open none r;alice open none w;alice symlink f l;alice open l wcx "
		     "0644;alice open l rn;alice open l w\n"
		     "alice open f rA;bob open f rA;root open f rA;alice mknod p p 0644;alice open "
		     "p wk;alice open p rk;alice open s/ wc 0644\n"
		     "alice open . r;alice open .. r;alice open . w;alice open d/. rc 0644;alice "
		     "open f p;alice open d pd;alice open f ws\n"
		     "alice mkdir x 0333;alice open x r;alice open x/y wc 0644;alice open x/y "
		     "r;alice chmod x 0555;alice open x/z wc 0644;alice open x/y wc 0644\n"
		     "alice open d/new rcd 0644;alice open dd rcd 0644");
}
END_TEST

START_TEST(an_open_file_stays_what_it_was)
{
	play("kept", "alice keep f bc 0644 0;alice fwrite 0 hello;alice chmod f 0;alice fwrite 0 "
		     "world;alice fread 0 10 0\n"
		     "alice unlink f;alice fwrite 0 xx;alice fread 0 20 0;alice fstat 0;alice "
		     "ftruncate 0 3;alice fstat 0\n"
		     "alice fchmod 0 0600;alice flink 0 back;alice lstat f;alice create f "
		     "0644;alice fstat 0;alice close 0\n"
		     "alice keep r r 0 1;alice create r 0644 text;alice keep r r 0 1;alice fwrite "
		     "1 x;alice ftruncate 1 0;alice close 1\n"
		     "alice keep w wc 0200 1;alice fread 1 1 0;alice fwrite 1 x;alice ftruncate 1 "
		     "100;alice ftruncate 1 -1;alice close 1\n"
		     "alice keep a wac 0644 1;alice fwrite 1 one;alice write a XX;alice fwrite 1 "
		     "two;alice read a;alice close 1\n"
		     "alice mkdir d 0755;alice keep d rd 0 2;alice rmdir d;alice fstat 2;alice "
		     "fchmod 2 0700;alice close 2\n"
		     "alice create o 0644 old;alice create n 0644 newer;alice keep o b 0 3;alice "
		     "rename n o;alice fstat 3;alice fread 3 9 0;alice fwrite 3 more\n"
		     "alice fstat 3;alice close 3;alice read o;alice keep o p 0 3;alice fread 3 1 "
		     "0;alice fchmod 3 0600;alice fstat 3;alice unlink o;alice fstat 3");
}
END_TEST

START_TEST(rename_moves_and_replaces)
{
	play("rename", "alice create a 0644 one;alice create b 0644 second;alice rename a b;alice "
		       "read b;alice rename b b;alice rename none b\n"
		       "alice mkdir d 0755;alice mkdir e 0755;alice rename b d;alice rename d "
		       "b;alice rename d e;alice rename e e/x\n"
		       "alice create e/f 0644;alice mkdir g 0755;alice rename g e;alice rename e "
		       "g;alice rename g/. x;alice rename g/.. x\n"
		       "alice rename b g/b;alice rename g/b ./c;alice rename c g/none/c;alice link "
		       "c k;alice rename c k;alice lstat c\n"
		       "alice mknod p p 0644;alice rename p c;alice symlink x l;alice rename l "
		       "c;alice readlink c;alice rename c g/c\n"
		       "bob rename g h;bob mkdir m 0755;alice rename g/f m/f;bob rename g/f "
		       "m/f;bob create m/f 0644;alice rename m/f f\n"
		       "alice mkdir s 0755;alice mkdir s/t 0755;alice chmod s/t 0555;alice rename "
		       "s/t u;alice chmod s/t 0755;alice rename s/t u\n"
		       "alice mkdir v 0777;root create v/r 0600;alice rename v/r rr;alice rename "
		       "rr v/r;alice create v/n 0644;alice rename v/n v/r\n"
		       "alice create x 0644 x;alice create y 0644 yy;alice noreplace x y;alice "
		       "noreplace x z;alice noreplace z/ y;alice exchange z y\n"
		       "alice read z;alice exchange z none;alice mkdir w 0755;alice exchange z "
		       "w;alice lstat z;alice exchange w z/x;alice exchange s s/q\n"
		       "alice exchange v m;alice mkdir o 0755;alice create o/1 0644;alice rename u "
		       "o;alice rename o/ q/;alice rename y/ yy");
}
END_TEST

START_TEST(rmdir_takes_only_what_is_empty)
{
	play("rmdir",
	     "alice mkdir d 0755;alice mkdir d/e 0755;alice create d/f 0644;alice rmdir d;alice "
	     "rmdir d/f;alice rmdir d/e/.\n"
	     "alice rmdir d/e/..;alice rmdir d/e/../e;alice unlink d/f;bob rmdir d;alice rmdir "
	     "d;alice rmdir d;alice symlink . l\n"
	     "alice rmdir l;alice mkdir a 0755;bob mkdir a/b 0755;alice chmod a 0777;bob mkdir a/b "
	     "0755;alice rmdir a/b;alice mknod a/p p 0644\n"
	     "alice rmdir a;alice rmdir a/p;root rmdir .;alice rmdir /;alice mkdir n 0000;alice "
	     "rmdir n;alice mkdir x 0755;alice mkdir x/y 0755;alice chmod x 0555;alice rmdir x/y");
}
END_TEST

START_TEST(unlink_takes_a_name)
{
	play("unlink",
	     "alice create f 0644;alice link f g;alice unlink f;alice unlink g;alice unlink "
	     "g;alice mkdir d 0755;alice unlink d;root unlink d\n"
	     "alice symlink d l;alice unlink l;alice mknod p p 0644;alice unlink p;alice mknod s s "
	     "0644;alice unlink s;root create r 0600\n"
	     "alice unlink r;alice create d/x 0600;bob unlink d/x;alice chmod d 0777;bob unlink "
	     "d/x;alice create n 0;alice unlink n;alice unlink .\n"
	     "alice create f/x 0644;alice create ro 0444;alice mkdir q 0755;alice create q/x "
	     "0644;alice chmod q 0555;alice unlink q/x;alice chmod q 0300;alice unlink q/x");
}
END_TEST

START_TEST(sticky_folders_protect_what_others_have)
{
	play("sticky",
	     "root mkdir t 01777;alice create t/a 0666;bob create t/b 0644;alice mkdir t/d "
	     "0777;alice symlink x t/l\n"
	     "bob unlink t/a !sticky;alice unlink t/b !sticky;bob rename t/a t/x !sticky;bob "
	     "rename t/b t/a !sticky;bob rmdir t/d !sticky;bob unlink t/l !sticky\n"
	     "bob rename t/b t/c;alice rename t/a t/e;bob rename t/d bobs !sticky;root unlink "
	     "t/l;alice unlink t/e;bob unlink t/c;alice rmdir t/d\n"
	     "alice mkdir own 01777;bob create own/b 0644;alice unlink own/b;bob create own/b "
	     "0644;bob link own/b own/c;bob unlink own/b;crew unlink own/c\n"
	     "root mkdir s 0755;root chmod s 01777;alice create s/a 0600;bob unlink s/a "
	     "!sticky;alice chmod s/a 0;alice unlink s/a;alice create s/b 0644\n"
	     "root chmod s 01755;alice unlink s/b;root chmod s 0777;bob unlink s/b;alice create "
	     "s/1 0644;bob create s/2 0644;bob exchange s/1 s/2;root chmod s 01777;bob exchange "
	     "s/1 s/2 !sticky");
}
END_TEST

START_TEST(symlink_holds_any_text)
{
	play("symlink", "alice symlink a l;alice symlink b l;alice readlink l;alice mkdir d "
			"0755;alice symlink x d;bob symlink x d/l;alice umask 077\n"
			"alice symlink x m;alice umask 0;alice readlink m;alice readlink d;alice "
			"readlink none;alice symlink %1023 n;alice readlink n\n"
			"bob readlink m;alice lstat m;alice chmod d 0;alice readlink d/l;alice "
			"symlink x/ y;alice symlink x z/;alice create f 0644;alice readlink f");
}
END_TEST

START_TEST(truncate_sets_the_size)
{
	play("truncate",
	     "alice create f 0644 0123456789;alice truncate f 5;alice read f;alice truncate f "
	     "20;alice read f;alice truncate f 20;alice truncate f 0\n"
	     "alice truncate f -1;bob truncate f 1;alice mkdir d 0755;alice truncate d 0;root "
	     "truncate d 0;alice truncate none 0;alice chmod f 0444\n"
	     "alice truncate f 1;root truncate f 7;alice chmod f 0200;alice truncate f 3;alice "
	     "symlink f l;alice truncate l 9;alice mknod p p 0644;alice truncate p 0\n"
	     "alice truncate f 5368709120;alice truncate f 9223372036854775807;alice truncate f "
	     "1;alice chmod f 0644;alice keep f b 0 0;alice ftruncate 0 100\n"
	     "alice ftruncate 0 0;alice fallocate 0 0 0 4096;alice fallocate 0 1 4096 4096;alice "
	     "fallocate 0 3 0 100;alice fallocate 0 0 0 0;alice fallocate 0 0 -1 5\n"
	     "alice posix_fallocate 0 0 10000;alice posix_fallocate 0 0 0;alice posix_fallocate 0 "
	     "-1 1;alice fallocate 0 16 0 10;alice close 0\n"
	     "alice keep f r 0 0;alice ftruncate 0 1;alice fallocate 0 0 0 10;alice "
	     "posix_fallocate 0 0 10;alice close 0;alice keep d r 0 0;alice ftruncate 0 0;alice "
	     "fallocate 0 0 0 1");
}
END_TEST

START_TEST(times_are_kept_to_the_nanosecond)
{
	play("utimens",
	     "alice create f 0644;alice mkdir d 0755;alice symlink f l;alice mknod p p 0666\n"
	     "alice utimens f 1.000000001 2.999999999;alice utimens d 3.000000005 "
	     "4.000000006;alice lutimens l 5.000000007 6.000000008;alice utimens p 1.5 2.5\n"
	     "alice utimens f omit 7.000000009;alice utimens f 8.000000001 omit;alice utimens f "
	     "omit omit;alice utimens f now now;alice utimens f now omit;alice utimens f omit now\n"
	     "alice utimens f now 9.1;alice utimens f -5.000000003 -1.000000001;alice utimens f "
	     "4294967296.000000001 4294967297.2;alice utimens f 1.1000000000 1;alice utimens f 1 "
	     "1.-5\n"
	     "bob utimens f 1 2;bob utimens f now now;bob touch f;bob utimens f omit omit;bob "
	     "utimens f now omit;bob utimens f omit now;alice chmod f 0666;bob touch f;bob utimens "
	     "f now now\n"
	     "bob utimens f 1 2;bob utimens f now omit;bob utimens f now 5;alice chmod f 0444;bob "
	     "touch f;alice touch f;alice utimens f 1 2;alice chmod f 0;alice utimens f 3 4;alice "
	     "touch f\n"
	     "root utimens f 11.000000011 12.000000012;bob lutimens l 1 2;alice touch none;alice "
	     "touch d;bob touch d;alice chmod d 0777;bob touch d;bob utimens d 1 2;crew utimens f "
	     "omit omit");
}
END_TEST

START_TEST(attributes_of_users_are_kept)
{
	play("xattr", "alice create f 0644;alice setxattr f user.a value 0;alice setxattr f user.a "
		      "other 1;alice setxattr f user.b x 2;alice setxattr f user.a other 2\n"
		      "alice getxattr f user.a;bob getxattr f user.a;bob setxattr f user.a x 0;bob "
		      "removexattr f user.a;alice removexattr f user.a;alice removexattr f user.a\n"
		      "alice getxattr f user.a;alice setxattr f %300 x 0;alice setxattr f "
		      "user.%300 x 0;alice chmod f 0;alice setxattr f user.c x 0;alice mkdir d "
		      "0755;alice setxattr d user.d y 0;alice getxattr d user.d");
}
END_TEST

/* ---- objects without a descriptor, on a mount with the usual options ---- */

START_TEST(objects_without_a_descriptor_answer_as_their_mode_says)
{
	play("implied",
	     "behind mkdir d 0755;behind create d/f 0644 text;behind chown d/f 64001 64201;behind "
	     "chown d 64001 64201;behind mkdir d/s 0555;behind chown d/s 64001 64101;behind mkdir "
	     "e 0777\n"
	     "bob read d/f;bob write d/f x;bob chmod d/f 0666;alice chmod d/f 0660;bob read "
	     "d/f;crew write d/f y;crew touch d/f;crew utimens d/f 1 2;crew utimens d/f now omit\n"
	     "alice chmod d 0770;bob stat d/f;crew read d/f;crew rename d/f d/g;crew link d/g "
	     "d/h;alice chmod d/g 0444;crew unlink d/h;crew chown d/g -1 64201\n"
	     "alice chown d/g -1 64101;team chown d/g -1 64201;alice chmod d 02770;team chmod d "
	     "02770;alice chmod d 0770;root chmod d 01777;bob unlink d/g !sticky;alice unlink d/g\n"
	     "alice rename d/s e/s;alice chmod d/s 0755;alice rename d/s e/s;alice truncate d 0;"
	     "root access e 7;alice chown e/s -1 -1");
}
END_TEST

/* ---- what is said to differ ---- */

START_TEST(the_differences_are_those_that_are_documented)
{
	const char *path = getenv("GUISE_POSIX_DOC");
	char text[65536] = "";
	FILE *file = path ? fopen(path, "re") : NULL;
	size_t size;

	ck_assert_msg(file != NULL, "no %s", path ? path : "GUISE_POSIX_DOC");
	size = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\n')
			text[i] = ' ';
	for (size_t i = 0; i < COUNT(differences); i++)
		ck_assert_msg(strstr(text, differences[i].reason) != NULL, "%s does not say: %s",
			      path, differences[i].reason);
}
END_TEST

static void setup_usual(void)
{
	open_posix(NULL);
}

int main(void)
{
	Suite *suite = suite_create("posix");
	TCase *posix = tcase_create("as POSIX as can be");
	TCase *usual = tcase_create("usual options");
	TCase *documents = tcase_create("documents");
	const TTest *const tests[] = {
		names_and_paths_may_be_as_long_as_they_may,
		what_is_no_folder_is_not_passed,
		links_that_lead_in_circles_are_not_followed,
		folders_are_passed_as_their_mode_says,
		folders_are_written_to_as_their_mode_says,
		files_are_opened_as_their_mode_says,
		folders_are_opened_and_changed_as_their_mode_says,
		programs_run_as_their_mode_says,
		chmod_is_the_owners,
		chown_is_roots_and_the_group_the_owners,
		link_makes_another_name,
		mkdir_makes_a_folder_of_its_makers,
		mknod_makes_fifos_sockets_and_files,
		open_makes_opens_and_cuts,
		an_open_file_stays_what_it_was,
		rename_moves_and_replaces,
		rmdir_takes_only_what_is_empty,
		unlink_takes_a_name,
		sticky_folders_protect_what_others_have,
		symlink_holds_any_text,
		truncate_sets_the_size,
		times_are_kept_to_the_nanosecond,
		attributes_of_users_are_kept,
	};

	tcase_add_checked_fixture(posix, setup, teardown);
	for (size_t i = 0; i < COUNT(tests); i++)
		tcase_add_test(posix, tests[i]);
	tcase_add_checked_fixture(usual, setup_usual, teardown);
	tcase_add_test(usual, objects_without_a_descriptor_answer_as_their_mode_says);
	tcase_add_test(documents, the_differences_are_those_that_are_documented);
	suite_add_tcase(suite, posix);
	suite_add_tcase(suite, usual);
	suite_add_tcase(suite, documents);
	return harness_run(suite);
}
