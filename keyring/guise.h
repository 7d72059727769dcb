/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libguise: client identity for servers.
 *
 * A client consents: guise_grant() puts a token key into the kernel keyring that
 * says who may act for it and how far.  A server thread acts for the client:
 * guise_impersonate() puts that key into the calling thread's own keyring, and from
 * then on every guisefs mount on the host decides this thread's accesses by the
 * client's token; guise_revert() ends it.  guise_with_token() does both around one
 * function.  guise_query() tells who the client is, and guise_access_check() what it may
 * do; for these a client that lets itself be identified is enough.
 *
 * Every function is thread safe.  Impersonation belongs to the calling thread
 * alone: other threads, threads it starts and processes it forks act as themselves.
 * All functions return 0 (or what is said otherwise) or a negative errno.
 */
#ifndef GUISE_H
#define GUISE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* How far the client lets a server go, as in MS-RPC impersonation levels. */
enum guise_level {
	GUISE_ANONYMOUS = 0,   /* the server acts as S-1-5-7 */
	GUISE_IDENTIFY = 1,    /* the server may look who it is; nothing opens */
	GUISE_IMPERSONATE = 2, /* the server reaches local files as the client */
	GUISE_DELEGATE = 3,    /* and remote ones, over any number of machines */
};

/*
 * Consents that the account @account (a user id) acts for the calling user up
 * to @level for @ttl seconds (at least 1).  The key lives in the user keyring,
 * longer than the calling process.  Stores the key's serial in *@serial.
 * Errors: -EINVAL (level or ttl), -EDQUOT (key quota: kernel.keys.maxkeys,
 * kernel.keys.maxbytes), -ENOMEM, or what the kernel says.
 */
int guise_grant(uid_t account, int level, unsigned int ttl, int32_t *serial);

/*
 * The same for @count accounts, 1 to 64.  @level -1: the host's default level, as the mounts
 * know it.  @rights: the access rights ([MS-DTYP] 2.4.3; 0x120089 is reading) that can be
 * used at most, UINT32_MAX: all that the client has.  @share: the only share, by the name that it
 * is mounted with (1 to 64 letters, digits, '.', '_', '-'), NULL: any.
 * Errors: as guise_grant(); -EINVAL also for the number of accounts, no rights (0) or the share.
 */
int guise_grant_with(const uid_t *accounts, size_t count, int level, unsigned int ttl,
		     uint32_t rights, const char *share, int32_t *serial);

/*
 * For a server that wants less power than its client gave: a token key of its own, for
 * its own account, that is good for what token key @serial is, but at most for @level (-1: as that)
 * and @rights (UINT32_MAX: as that), on @share only (NULL: as that), for @ttl seconds (0: as long
 * as that).  It can only lose: what would be more is not had.  It ends when @serial does, and as
 * soon as @serial's owner takes the permission to link it away.
 * Errors: as guise_impersonate() about @serial, -ELOOP (which is narrowed itself), and as
 * guise_grant_with(); -EINVAL also if @serial is for another share.
 */
int guise_restrict(int32_t serial, int level, unsigned int ttl, uint32_t rights, const char *share,
		   int32_t *narrowed);

/*
 * For a logon service: states that who acts with the key is @user, with @groups and
 * @privileges ("SeBackupPrivilege"), and consents in its name as guise_grant_with() does.  Users
 * and groups are SIDs, or names that this host knows.  Mounts believe it only from an account with
 * the logon right: root, and whom the host's policy names; from others they refuse the key.
 * Errors: -ENOENT (a name is not known), -EFBIG (more than the 4096 bytes of a token
 * key), and as guise_grant_with().
 */
int guise_issue(const char *user, const char *const *groups, size_t group_count,
		const char *const *privileges, size_t privilege_count, const uid_t *accounts,
		size_t count, int level, unsigned int ttl, int32_t *serial);

/*
 * The calling user's token keys that have not ended, consents and others that it made:
 * stores at most @room serials, and returns how many there are.
 */
int guise_list(int32_t *serials, size_t room);

/*
 * Ends a consent at once: from the next request on, whoever uses the key is
 * refused with EKEYREVOKED.  Only the key's owner may.  Errors: -EACCES (not
 * yours), -ENOKEY (no such key), -EKEYREVOKED (already), -EKEYREJECTED (not a token key).
 */
int guise_revoke(int32_t serial);

/*
 * From now on the calling thread acts as the client whose token key is
 * @serial, until guise_revert().  Impersonating again replaces the client.
 * The first call in a thread announces it to the host's guisefs mounts, of
 * which at least one must be reachable; later ones are keyring calls only.
 * The process is made non-dumpable (prctl PR_SET_DUMPABLE).
 *
 * Fork before exec(): once a thread of a process has impersonated, a program that any of its
 * threads executes in the process's place is not the server.  It is refused, or goes on as
 * the client if its first thread alone ever impersonated, until it calls guise_announce_self() or
 * impersonates.  What is forked and then executed is not concerned.
 *
 * On failure the thread is what it was before, unless it is -ENOTRECOVERABLE:
 * then it is neither itself nor a client, and every access is refused until a
 * guise_revert() succeeds.
 * Errors: -EKEYREJECTED (@serial is no token key, it can be changed by others
 * than its owner, or it is not for this account), -EKEYREVOKED,
 * -EKEYEXPIRED, -ENOKEY, -EACCES (the key cannot be linked; inside guise run), -ENODEV (no guisefs
 * mount, made by root, to announce to), -EDQUOT.
 *
 * A program that keeps keys of its own in thread keyrings must let others view
 * them: a key that the daemon cannot look at might be a client's, and is refused.
 */
int guise_impersonate(int32_t serial);

/*
 * The calling thread acts as itself again, however often it impersonated.
 * Without impersonation it does nothing and succeeds.  If it fails
 * (-ENOTRECOVERABLE) every access of the thread stays refused until it succeeds: end the
 * thread, or try again.
 */
int guise_revert(void);

/*
 * For a server that executes itself anew, to be upgraded for instance: the calling thread
 * acts as itself, and so do the program's other threads that do not impersonate.  Mounts refuse
 * a program that was executed in the place of a server until it says that it is one: call this
 * first, in the first thread.  It announces the thread, as its first guise_impersonate() would
 * and with the same effects, unless that is done; then it does what guise_revert() does.
 * Errors: -ENODEV (no guisefs mount, made by root, to announce to, and so none that refuses),
 * -EACCES (inside guise run, or a mount does not take it), -EDQUOT, and as guise_revert().
 */
int guise_announce_self(void);

/*
 * Makes the calling process, which must have one thread only, and all that it
 * will ever start act as the client of token key @serial, for good: it enters a user namespace
 * of its own, which guisefs mounts know as a mark.  There is no way back: a
 * process in which this failed may be in that namespace without the mark, so it must end.
 * Call it before guise_impersonate(), after which /proc hides the process from its own user.
 * Errors: as guise_impersonate(), and -EUSERS or -EPERM (no user namespace to
 * be had: user.max_user_namespaces), -EINVAL (more than one thread).
 */
int guise_confine(int32_t serial);

/*
 * Acts as the client of token key @serial while @fn(@arg) runs, stores what it returned in *@result
 * (which may be NULL) and reverts, always: whomever @fn impersonates itself, whoever
 * the thread was before, and also if the key is refused and @fn is not called.  A C++ exception
 * that @fn throws passes, after reverting; it must not leave by longjmp(). Errors: as
 * guise_impersonate(), *@result is not touched then; -ENOTRECOVERABLE (reverting failed): see
 * guise_revert().
 */
int guise_with_token(int32_t serial, int (*fn)(void *arg), void *arg, int *result);

/*
 * Whom the calling thread impersonates: 1 and the key, which may have ended by now, in *@serial;
 * 0: nobody; -ENOTRECOVERABLE: it is neither itself nor a client, so mounts refuse it.
 * Asks the kernel only, which does not know of guise_confine().
 */
int guise_current(int32_t *serial);

/*
 * 0 if the calling thread acts as itself, -EBUSY if it acts as somebody else or that is not
 * certain.  In a thread that never impersonated it asks a mount, if there is one: the
 * program may have been started by a thread that did, or by guise run.
 */
int guise_assert_self(void);

/*
 * An identity that a thread captured, for threads of the same process to resume: the
 * client, or the server itself.  It keeps no consent alive: a key that ended cannot be resumed.
 */
struct guise_identity;

/*
 * What the calling thread acts as, in *@identity for guise_identity_free().  Errors:
 * -ENOTRECOVERABLE (guise_current() tells it), -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY, -ENOMEM;
 * *@identity is NULL then.
 */
int guise_capture(struct guise_identity **identity);

/*
 * From now on the calling thread acts as @identity: impersonates the client, or
 * reverts if it was captured from a thread that was itself.  Errors: as the one or the other.
 */
int guise_resume(const struct guise_identity *identity);

void guise_identity_free(struct guise_identity *identity); /* NULL is allowed */

/* Who the calling thread is to the mounts, as it was when guise_query() asked. */
struct guise_token;

/*
 * Asks the host's guisefs mounts, in the order in which the kernel lists them, until one
 * answers; at any level.  One that refuses the token with EKEYREJECTED, perhaps because it is for
 * another share, is passed over.  *@token is for guise_token_free().
 * Errors: -ENODEV (no mount to ask), -EACCES, -EKEYREVOKED, -EKEYEXPIRED, -EKEYREJECTED,
 * -ENOKEY (the identity is refused), -EPROTO, -ENOMEM; *@token is NULL then.
 */
int guise_query(struct guise_token **token);

/*
 * The same of the mount that @path is on, whose policy and share may differ from others'.
 * Errors: also -EOPNOTSUPP (not on a guisefs mount), -EINVAL (no path), and what looking up the
 * path gives.
 */
int guise_query_at(const char *path, struct guise_token **token);
void guise_token_free(struct guise_token *token); /* NULL is allowed */

/* The user as a SID and as a name (the SID again if it has none); live as long as @token. */
const char *guise_token_user(const struct guise_token *token);
const char *guise_token_name(const struct guise_token *token);
/* The groups as SIDs, from 0; NULL if there is no such group. */
size_t guise_token_group_count(const struct guise_token *token);
const char *guise_token_group(const struct guise_token *token, size_t index);
/* One of enum guise_level; GUISE_DELEGATE if the thread is itself. */
int guise_token_level(const struct guise_token *token);
/* The server account that acts, as a SID; NULL if the thread is itself. */
const char *guise_token_actor(const struct guise_token *token);
/* Its end in seconds since the epoch, 0: none. */
int64_t guise_token_until(const struct guise_token *token);
/* The rights that it can use at most; all bits set: no limit. */
uint32_t guise_token_rights(const struct guise_token *token);

/*
 * May the calling thread, the client for instance, do all of @rights ([MS-DTYP] 2.4.3) with a file
 * on a guisefs mount?  Opens nothing: level identify is enough.  0: yes; -EACCES: no, or the
 * identity is refused.  *@granted, unless it is NULL, is all that the thread may do, and 0 on any
 * other error.  Descriptors of O_PATH will do.
 * Errors: -EINVAL (no rights), -EOPNOTSUPP (not on a guisefs mount), -EKEYREVOKED, -EKEYEXPIRED,
 * -EKEYREJECTED, -ENOKEY, and what looking up the path gives.
 */
int guise_access_check(const char *path, uint32_t rights, uint32_t *granted);
int guise_access_check_fd(int fd, uint32_t rights, uint32_t *granted);

/*
 * A call context: who calls, through whom, in which roles of the host's policy; taken once, never
 * changed.  It can be stored with queued work and answers about roles later, when the client's
 * consent has long ended.  It is no identity: nothing impersonates it.
 */
struct guise_context;

/* How it is known who a caller is. */
enum guise_authentication {
	GUISE_BY_PROCESS = 0,  /* the kernel says so of its thread: it acts as itself */
	GUISE_BY_CONSENT = 1,  /* it made the token key */
	GUISE_BY_LOGON = 2,    /* a logon service says so */
	GUISE_BY_NARROWING = 3 /* it narrowed the key of the caller before it (guise_restrict()) */
};

/*
 * The context of the calling thread now, as the guisefs mount tells it that guise_query() would
 * ask, at any level; of a client at GUISE_ANONYMOUS it tells S-1-5-7 and no more.  The roles are
 * those of that mount's policy.  *@context is for guise_context_free().
 * Errors: -ENODEV (no mount to ask), -EACCES, -EKEYREVOKED, -EKEYEXPIRED, -EKEYREJECTED, -ENOKEY
 * (the identity is refused), -E2BIG (too many roles), -EPROTO, -ENOMEM; *@context is NULL then.
 */
int guise_context_current(struct guise_context **context);

/*
 * The same by the policy of the mount that @path is on.  guise_is_in_role() then answers by it.
 * Errors: also -EOPNOTSUPP (not on a guisefs mount), -EINVAL (no path), and what looking up the
 * path gives.
 */
int guise_context_current_at(const char *path, struct guise_context **context);
void guise_context_free(struct guise_context *context); /* NULL is allowed */

/*
 * Stores @context as bytes, sealed by the host's mounts; whoever changes any of them makes
 * it worthless.  They are no secret of the host, but name the callers and their roles.  Returns
 * their number, or -ERANGE if that is more than @room; with @room 0 only the number.
 */
int guise_context_export(const struct guise_context *context, void *buffer, size_t room);

/*
 * A context again from what guise_context_export() gave, in any process of the same host until
 * it is started again.  Errors: -EKEYREJECTED (not so sealed by this host's mounts),
 * -ENODEV (no mount to ask), -ENOMEM; *@context is NULL then.
 */
int guise_context_import(const void *bytes, size_t size, struct guise_context **context);

/*
 * Is the client in @role?  1 or 0.  The client is the original caller of @context, or with NULL
 * the one whom the calling thread acts for at this moment; a thread that acts for nobody is
 * its own.  Errors: -EINVAL (no @role), with NULL as guise_context_current().
 */
int guise_is_in_role(const struct guise_context *context, const char *role);

/* When, in seconds since the epoch, and on which host; "" if that has no usable name. */
int64_t guise_context_made(const struct guise_context *context);
const char *guise_context_host(const struct guise_context *context);

/* The number of callers, at least 1.  The original one, the client, is 0, the direct one last. */
int guise_context_callers(const struct guise_context *context);

/* NULL or -EINVAL if there is no caller @index.  Texts live as long as @context. */
/* The user as a SID, and as the name that it had when the context was taken or imported. */
const char *guise_context_caller_user(const struct guise_context *context, size_t index);
const char *guise_context_caller_name(const struct guise_context *context, size_t index);
/* One of enum guise_level; of enum guise_authentication. */
int guise_context_caller_level(const struct guise_context *context, size_t index);
int guise_context_caller_authentication(const struct guise_context *context, size_t index);
/* The accounts that act for the caller, as SIDs, @server from 0; NULL if there is none. */
const char *guise_context_caller_server(const struct guise_context *context, size_t index,
					size_t server);
/* Is this caller in @role?  1, 0 or -EINVAL. */
int guise_context_caller_in_role(const struct guise_context *context, size_t index,
				 const char *role);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
