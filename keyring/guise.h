/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libguise: client identity for servers.
 *
 * A client consents: guise_grant() puts a token key into the kernel keyring that
 * says who may act for it and how far.  A server thread acts for the client:
 * guise_impersonate() puts that key into the calling thread's own keyring, and from
 * then on every guisefs mount on the host decides this thread's accesses by the
 * client's token; guise_revert() ends it.
 *
 * Every function is thread safe.  Impersonation belongs to the calling thread
 * alone: other threads, threads it starts and processes it forks act as themselves.
 * All functions return 0 (or what is said otherwise) or a negative errno.
 */
#ifndef GUISE_H
#define GUISE_H

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
 * Revert before exec(): a program that a thread executes in its place while it
 * impersonates goes on as the client, or is refused, until it impersonates itself.
 * What is forked and then executed is not concerned.
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
 * (-ENOTRECOVERABLE) every access of the thread stays refused: end the thread.
 */
int guise_revert(void);

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

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
