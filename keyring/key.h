/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Kernel keys: describing and reading them within bounds, and the names and
 * permissions that guisefs gives its own.
 *
 * Functions return 0, a length, or a negative errno.
 */
#ifndef GUISE_KEYRING_KEY_H
#define GUISE_KEYRING_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <keyutils.h>

#define KEY_TOKEN_PREFIX "guise:token:"
#define KEY_MARKER_NAME "guise:marker"

/* "type;uid;gid;perm;description": the kernel bounds a description at 4095 */
#define KEY_TEXT_SIZE 4224
/* longest description of a token key */
#define KEY_TOKEN_NAME_MAX 200

/*
 * A token key: its owner may do everything, others look, read and link.
 * Whoever links it possesses it, so the possessor's bits are no wider.  SEARCH
 * is the owner's alone because it is all that keyctl_invalidate() asks for:
 * with it anybody could end anybody's consent.
 */
#define KEY_TOKEN_PERM                                                                             \
	(KEY_POS_VIEW | KEY_POS_READ | KEY_POS_LINK | KEY_USR_ALL | KEY_OTH_VIEW | KEY_OTH_READ |  \
	 KEY_OTH_LINK)

/*
 * The marker: nobody may change, revoke or invalidate it, because a thread
 * whose marker vanished would look like itself.  Without SEARCH it is never
 * found by possession, so the user's LINK bit is what links it.
 */
#define KEY_MARKER_PERM                                                                            \
	(KEY_POS_VIEW | KEY_POS_READ | KEY_POS_LINK | KEY_USR_VIEW | KEY_USR_READ | KEY_USR_LINK | \
	 KEY_OTH_VIEW)

/*
 * A thread ring open to the daemon, which is "other" or, for a server that runs
 * as root, the same user.
 */
#define KEY_RING_PERM (KEY_POS_ALL | KEY_USR_VIEW | KEY_USR_READ | KEY_OTH_VIEW | KEY_OTH_READ)

/*
 * What is root's alone: the registry's rings and entries.  To possess them is nothing:
 * whoever was started in a session keyring of root's, as by su(1), possesses all that root has.
 */
#define KEY_ROOT_PERM KEY_USR_ALL

/* What lets somebody else change a key, its permissions or its end. */
#define KEY_FOREIGN_CHANGE                                                                         \
	(KEY_POS_WRITE | KEY_POS_SETATTR | KEY_GRP_WRITE | KEY_GRP_SETATTR | KEY_OTH_WRITE |       \
	 KEY_OTH_SETATTR)

struct key_info {
	uid_t uid;
	gid_t gid;
	uint32_t perm;
	const char *type;        /* in text */
	const char *description; /* in text */
	char text[KEY_TEXT_SIZE];
};

/* What the kernel says of @key.  -EKEYREVOKED, -EKEYEXPIRED, -ENOKEY, -EACCES, ... */
int key_describe(int32_t key, struct key_info *info);

/* Is it a token key (user key, name), whoever owns it; is it a marker? */
bool key_is_token(const struct key_info *info);
bool key_is_marker(const struct key_info *info);

/*
 * Does the key's owner let user @uid, who does not possess it, view, read and link it?  Where
 * the key's group has permissions of its own they must too, since members have these alone.
 */
bool key_lets_use(const struct key_info *info, uid_t uid);

/*
 * Reads the payload of @key into @buffer.  Returns its length, -EFBIG if it
 * does not fit, or what the kernel says.
 */
ssize_t key_read(int32_t key, void *buffer, size_t size);

/* Reads at most @max serials that keyring @ring links.  Returns their number, or -EFBIG. */
ssize_t key_list(int32_t ring, int32_t *keys, size_t max);

/* All serials of @ring in an array for the caller to free.  Returns their number. */
ssize_t key_list_all(int32_t ring, int32_t **keys);

/* The number of links in @ring. */
ssize_t key_count(int32_t ring);

/*
 * A new user key with permissions @perm, linked to keyring @ring.  It is made in
 * the process keyring first: only there is it certain that we possess it and
 * may set its permissions.  A key of the same name in @ring gives way at once;
 * it is never changed.  With @exclusive there must be none (-EEXIST).  Returns the serial.
 */
int32_t key_make(const char *description, const void *payload, size_t length, uint32_t perm,
		 int32_t ring, bool exclusive);

#endif
