/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cast of the tests about identity: accounts, and processes of theirs that do
 * what a test tells them.
 *
 * A player is a process of one account with one thread, which keeps what it is,
 * an impersonation for instance, from one deed to the next, and if asked through exec(2).
 */
#ifndef GUISE_TESTS_CAST_H
#define GUISE_TESTS_CAST_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/mount/harness.h"
#include "tests/unit/people.h"

/* Each returns 0 (or what is said) or -errno; TEXT and NUMBER are what player_do() was given. */
enum deed {
	DEED_PID,     /* returns the process id */
	DEED_READ,    /* opens file TEXT and reads a byte */
	DEED_WRITE,   /* opens file TEXT for writing */
	DEED_REMOVE,  /* removes file TEXT */
	DEED_TOUCH,   /* sets the times of file TEXT to the present one */
	DEED_CREATE,  /* makes file TEXT */
	DEED_OPEN,    /* opens TEXT with flags NUMBER; returns the descriptor */
	DEED_READ_FD, /* reads a byte of descriptor NUMBER, writes one */
	DEED_WRITE_FD,
	DEED_USE_FD,      /* does what TEXT says with descriptor NUMBER, see deeds_handle.c */
	DEED_WHOAMI,      /* says what the mount at TEXT says of the caller */
	DEED_GRANT,       /* TEXT is "ACCOUNT LEVEL TTL"; returns the serial */
	DEED_REVOKE,      /* ends token key NUMBER, by the library */
	DEED_INVALIDATE,  /* invalidates key NUMBER */
	DEED_TIMEOUT,     /* lets key NUMBER end in a second */
	DEED_CLEAR,       /* lets go of all keys in the user keyring */
	DEED_MAKE_KEY,    /* a token key with payload TEXT and permissions NUMBER; its serial */
	DEED_SPOIL,       /* tries all that changes or ends key NUMBER; bits of what worked */
	DEED_IMPERSONATE, /* token key NUMBER */
	DEED_REVERT,
	DEED_RING, /* returns the serial of the thread's keyring */
	DEED_LINK, /* key NUMBER into the thread's keyring, and out of it */
	DEED_UNLINK,
	DEED_MARKER,    /* returns the serial of the marker in the thread's keyring, or -ENOKEY */
	DEED_RING_PERM, /* permissions NUMBER for the thread's keyring */
	DEED_ANNOUNCE,  /* keyring NUMBER to the mount at TEXT as the thread's */
	DEED_ANNOUNCE_TREE, /* token key NUMBER to the mount at TEXT for the namespace */
	DEED_FORK_READ,     /* DEED_READ in a forked process, in another thread, through io_uring */
	DEED_THREAD_READ,
	DEED_URING_READ,
	DEED_NESTED_READ, /* in user namespaces made NUMBER deep */
	DEED_RUN,         /* TEXT holds words, each ended by a newline; returns the exit status */
	/* the rest of the library, see deeds_library.c; SHARE "-" is any */
	DEED_GRANT_WITH, /* TEXT is "LEVEL TTL RIGHTS SHARE ACCOUNT…"; returns the serial */
	DEED_RESTRICT,   /* token key NUMBER, TEXT is "LEVEL TTL RIGHTS SHARE"; the serial */
	DEED_ISSUE,      /* TEXT is "LEVEL ACCOUNT USER GROUP…"; the serial */
	DEED_LIST,       /* how many token keys there are */
	DEED_QUERY,      /* says user, name, level, actor, end, rights, groups */
	DEED_CHECK,      /* rights NUMBER on TEXT; says what is granted */
	DEED_CHECK_FD,   /* the same on descriptor TEXT */
	DEED_GET_ACCESS, /* says TEXT's attribute system.guise.access, .sddl, .access.check.0x0 */
	DEED_GET_SDDL,
	DEED_GET_CHECK,
	DEED_CURRENT, /* the client's key, 0: itself */
	DEED_ASSERT_SELF,
	DEED_ANNOUNCE_SELF,
	DEED_WITH_READ,   /* DEED_READ by guise_with_token() with key NUMBER */
	DEED_WITH_OTHER,  /* TEXT is "KEY PATH": the same, after impersonating KEY in there */
	DEED_CAPTURE,     /* what the thread is */
	DEED_RESUME_READ, /* DEED_READ in another thread, as what was captured */
	DEED_DAEMON,      /* see player_start_daemon() */
	DEED_ROLE,        /* is the client in role TEXT now? */
	DEED_CONTEXT,     /* says the exported context */
	DEED_IMPORT,      /* imports TEXT; says "USER LEVEL AUTHENTICATION SERVER" of each caller */
	DEED_IMPORT_ROLE, /* TEXT is a role, a newline and a context; NUMBER 1: in another thread */
	DEED_READ_KEY, /* bits of what worked of describing, reading, searching and linking NUMBER
			*/
	DEED_EXEC,     /* goes on in a fresh image of the program */
	/* the same, executed by another thread, which impersonates token key NUMBER unless it is 0
	 */
	DEED_EXEC_THREAD,
	DEED_COUNT
};

extern struct person alice, bob, server, eve;
extern const struct person root;

struct player;

/*
 * main() of these tests: adds the accounts and runs @suite as harness_run() does; or
 * becomes a player, if the arguments say so.
 */
int cast_run(int argc, char **argv, Suite *suite);

/* A new player; with @pid_namespace in one of its own. */
struct player *player_start(const struct person *person);
struct player *player_start_in_pid_namespace(const struct person *person);

/* The same with process id @pid, which must be free. */
struct player *player_start_as_pid(const struct person *person, pid_t pid);

/* A player started by `guise run` with token key @serial. */
struct player *player_start_confined(const struct person *person, int32_t serial);

/* The player that @player makes a daemon of, as its descendant. */
struct player *player_start_daemon(struct player *player);

long player_do(struct player *player, enum deed deed, const char *text, long number);

/* What the last deed said besides its result. */
const char *player_said(const struct player *player);

/* Kills the process and waits until it is gone. */
void player_end(struct player *player);

/* A token key of @player's for @account; fails the test if there is none. */
int32_t grant(struct player *player, const struct person *account, int level, unsigned int ttl);

/* What narrows token key @serial says of it after "of"; valid until the next call. */
const char *parent_words(int32_t serial);

/* The word after @key in what the mount @path says of @player; "" if there is none. */
const char *whoami_word(struct player *player, const char *path, const char *key);

/* The SID of an account as text.  Valid until four more were asked for. */
const char *sid_of(const struct person *person);

/* @player cannot read @path: @error (negative), and @reason is logged. */
void check_refused(struct share *share, struct player *player, const char *path, int error,
		   const char *reason);

/* How many entries there are in root's registry @ring whose name begins with @prefix and text has
 * @part. */
unsigned int registry_count(const char *ring, const char *prefix, const char *part);

/*
 * Takes marks away that daemons which ended left on namespaces without processes: the
 * next namespaces get their numbers and would be refused.
 */
void registry_forget_trees(void);

#endif
