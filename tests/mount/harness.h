/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shares for the mounted tests: a temporary backing folder, a mount of it by the
 * guisefs under test, and processes of other users.
 *
 * Each share has a keeper, a process that unmounts it and removes its folders when
 * the test closes it or is gone, however it ended.  The environment says what is
 * tested: GUISEFS and GUISE name the two programs, TMPDIR where folders are made.
 *
 * Helpers that find something wrong with the test itself fail it (ck_abort), so
 * they are not for use in the functions that as_user() runs.
 */
#ifndef GUISE_TESTS_HARNESS_H
#define GUISE_TESTS_HARNESS_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/*
 * Numbers to be and to grant rights to; no accounts are needed for them.  ALICE and
 * BOB are alone in their groups, TEAM and CREW are groups to be in beside one's own.
 */
#define ALICE 64001
#define BOB 64002
#define ALICE_GROUP 64101
#define BOB_GROUP 64102
#define TEAM 64201
#define CREW 64202

/* the same as SIDs, for SDDL */
#define SID_ALICE "S-1-22-1-64001"
#define SID_BOB "S-1-22-1-64002"
#define SID_ALICE_GROUP "S-1-22-2-64101"
#define SID_BOB_GROUP "S-1-22-2-64102"
#define SID_TEAM "S-1-22-2-64201"
#define SID_CREW "S-1-22-2-64202"

struct share;

/* How a share differs from the usual one. */
struct share_config {
	const char *options; /* for -o, or NULL */
	bool debug;          /* start with -d: every request is in the log */
	rlim_t descriptors;  /* RLIMIT_NOFILE of the daemon, or 0: as it is */
	bool (*prepare)(
		const char *backing); /* fills the backing folder before the mount, or NULL */
};

/* Mounts a new share with the mount options @options (or NULL) and waits until it is usable. */
struct share *share_open(const char *options);
struct share *share_open_config(const struct share_config *config);

/* Unmounts, removes everything, and fails the test if the daemon did not end well. */
void share_close(struct share *share);

/* Unmounts and mounts again, with @options; what the kernel and the daemon knew is forgotten. */
void share_remount(struct share *share, const char *options);

/* After the daemon was killed with SIGKILL, if need be by this: mounts again, as it was. */
void share_recover(struct share *share);

pid_t share_daemon(const struct share *share);

/*
 * Paths: of @name on the mount, and of the same object behind it in the backing
 * folder; "" is the root.  Valid until 64 more were asked for.
 */
char *share_path(const struct share *share, const char *name);
char *share_behind(const struct share *share, const char *name);

/* Does the daemon's log have @text; how many lines have it. */
bool share_log_contains(const struct share *share, const char *text);
unsigned int share_log_count(const struct share *share, const char *text);

/* Prints the log to stderr, to find out why a test fails. */
void share_log_show(const struct share *share);

/*
 * Runs @fn in a new process with these real ids and returns its result, by
 * convention 0 or -errno.  as_alice() and as_bob() are in no supplementary groups.
 */
int as_user(uid_t uid, gid_t gid, size_t ngroups, const gid_t *groups, int (*fn)(void *arg),
	    void *arg);
int as_alice(int (*fn)(void *arg), void *arg);
int as_bob(int (*fn)(void *arg), void *arg);

/* As root: sets the descriptor of @path on a mount, of a link itself; fails the test if it cannot.
 */
void sddl_set(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, but returns 0 or -errno; any caller. */
int sddl_try(const char *path, const char *sddl);

/* The descriptor's text into @text; 0 or -errno. */
int sddl_read_path(const char *path, char *text, size_t size);

/* As root: the text; fails the test if there is none.  Valid until 16 more were asked for. */
const char *sddl_get(const char *path);

/* As root: a file with these contents, a folder; fail the test if they cannot. */
void put_file(const char *path, const char *contents);
void put_folder(const char *path);

/* What the file has, at most 4095 bytes, or NULL.  Valid until the next call. */
const char *get_file(const char *path);

/* The guise tool under test. */
const char *guise_program(void);

/* Runs a program and waits: its exit status, 128 + signal, or -errno if it cannot be run. */
int run_program(const char *const *words);

/*
 * main() of a test program: runs @suite (and frees it), or skips (77) where there is
 * neither root nor /dev/fuse.
 */
int harness_run(Suite *suite);

#endif
