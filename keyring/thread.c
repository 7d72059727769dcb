/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Impersonating and reverting: which keys the calling thread's ring links.
 *
 * The order matters.  The marker comes before any token and goes after it, and
 * a new client's token comes before the old one goes: whatever fails half-way
 * leaves a ring that the daemon refuses, never one that looks like the server.
 *
 * What a client invalidates the kernel takes out of the ring, but it does not give
 * back the bytes that the link was charged to the server; only emptying the ring does.
 */
#include "keyring/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#include "keyring/announce.h"
#include "keyring/consent.h"
#include "keyring/guise.h"
#include "keyring/key.h"
#include "keyring/scoped.h"

static _Thread_local struct {
	int32_t announced;                 /* the ring that a mount knows; another after a fork */
	int32_t ring;                      /* the ring that the rest is about */
	int32_t token;                     /* linked in it, 0 if none */
	int32_t marker;                    /* linked in it, 0 if none */
	char name[KEY_TOKEN_NAME_MAX + 1]; /* that token's */
	bool unsure;                       /* a call failed half-way: believe the ring only */
	bool lost;                         /* and the ring is closed to the daemons */
} self;

/* The marker of this process.  One that cannot be linked any more is replaced. */
static _Atomic int32_t process_marker;

/*
 * The calling thread's ring.  The kernel gives it to the real user when it makes
 * it, and to the fsuid at every change of that; the daemon sees the fsuid.
 */
static int ring_own(int32_t *ring)
{
	struct key_info info;
	uid_t fsuid;
	int error;

	*ring = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 1);
	if (*ring < 0)
		return -errno;
	if (*ring == self.ring)
		return 0;
	error = key_describe(*ring, &info);
	if (error)
		return error;
	fsuid = (uid_t)setfsuid((uid_t)-1);
	if (info.uid != fsuid) {
		setfsuid(info.uid);
		setfsuid(fsuid);
	}
	/* a forked child inherits our memory, not the ring */
	self.ring = *ring;
	self.token = 0;
	self.marker = 0;
	self.unsure = true;
	self.lost = false;
	return 0;
}

/* Opens the ring to the daemons and lets one of them know, once a thread. */
static int ring_announce(int32_t ring)
{
	static atomic_bool hidden;
	int error;

	if (ring == self.announced)
		return 0;
	/* nobody of our user shall trace us while we act for others */
	if (!hidden && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	hidden = true;
	if (keyctl_setperm(ring, KEY_RING_PERM) < 0)
		return -errno;
	error = announce_thread(ring);
	if (!error)
		self.announced = ring;
	return error;
}

static int unlink_from(int32_t key, int32_t ring)
{
	if (keyctl_unlink(key, ring) == 0 || errno == ENOENT || errno == ENOKEY)
		return 0;
	return -errno;
}

/* Unlinks all that may be a token key, then the markers, by what the ring itself says. */
static int ring_empty(int32_t ring)
{
	SCOPED_BUFFER int32_t *keys = NULL;
	ssize_t count = key_list_all(ring, &keys);
	int error = count < 0 ? (int)count : 0;

	for (int markers = 0; markers < 2; markers++) {
		for (ssize_t i = 0; i < count && !error; i++) {
			struct key_info info;
			int described = key_describe(keys[i], &info);

			/* a key that cannot be described any more may be a token key */
			if (markers ? !described && key_is_marker(&info)
				    : (described && described != -EACCES) ||
					      (!described && key_is_token(&info)))
				error = unlink_from(keys[i], ring);
		}
	}
	return error;
}

static bool ring_has_marker(int32_t ring, int32_t *marker)
{
	SCOPED_BUFFER int32_t *keys = NULL;
	ssize_t count = key_list_all(ring, &keys);

	for (ssize_t i = 0; i < count; i++) {
		struct key_info info;

		if (key_describe(keys[i], &info) == 0 && key_is_marker(&info)) {
			*marker = keys[i];
			return true;
		}
	}
	return false;
}

/*
 * A new marker in the ring.  It is made there, where no other thread can reach
 * it, and then also linked to the process keyring, for the other threads.
 */
static int marker_make(int32_t ring)
{
	int32_t marker = add_key("user", KEY_MARKER_NAME, "1", 1, ring);
	int error;

	if (marker < 0)
		return -errno;
	if (keyctl_setperm(marker, KEY_MARKER_PERM) < 0) {
		error = -errno;
		(void)keyctl_unlink(marker, ring);
		return error;
	}
	self.marker = marker;
	if (keyctl_link(marker, KEY_SPEC_PROCESS_KEYRING) == 0)
		process_marker = marker;
	return 0;
}

/* Links the marker, whatever the ring holds. */
static int marker_link(int32_t ring)
{
	int32_t marker = process_marker;

	if (marker && keyctl_link(marker, ring) == 0) {
		self.marker = marker;
		return 0;
	}
	/* of another user since setuid(), or its process keyring ended with a thread */
	if (ring_has_marker(ring, &self.marker))
		return 0;
	return marker_make(ring);
}

/*
 * What was about to be done failed and cannot be undone.  The ring may well say
 * that the thread is a client still: closed to the daemons it says nothing, and they refuse.
 */
static int lost(void)
{
	(void)keyctl_setperm(KEY_SPEC_THREAD_KEYRING, KEY_POS_ALL);
	self.lost = true;
	self.unsure = true;
	return -ENOTRECOVERABLE;
}

/* What the ring says counts again. */
static int found_again(int32_t ring)
{
	if (!self.lost)
		return 0;
	if (keyctl_setperm(ring, KEY_RING_PERM) < 0)
		return lost();
	self.lost = false;
	return 0;
}

/*
 * Does the ring link keys of the program's own?  Nobody but this thread can change it, but keys
 * that clients end vanish from it at any time.
 */
static bool ring_is_shared(int32_t ring)
{
	int32_t keys[4];
	ssize_t count = key_list(ring, keys, sizeof(keys) / sizeof(*keys));

	for (ssize_t i = 0; i < count; i++) {
		if (keys[i] != self.token && keys[i] != self.marker)
			return true;
	}
	return count < 0;
}

/* A fresh ring, or one that a failure left behind: start from nothing. */
static int ring_start(int32_t ring)
{
	if (!self.unsure)
		return 0;
	if (ring_empty(ring))
		return lost();
	self.token = 0;
	self.marker = 0;
	self.unsure = false;
	return 0;
}

/* Takes the first client's marker away again, after @error. */
static int marker_undo(int32_t ring, int error)
{
	if (self.token)
		return error;
	if (unlink_from(self.marker, ring))
		return lost();
	self.marker = 0;
	return error;
}

static void name_keep(const char *name)
{
	snprintf(self.name, sizeof(self.name), "%s", name);
}

static bool ring_has(int32_t ring, int32_t key)
{
	SCOPED_BUFFER int32_t *keys = NULL;
	ssize_t count = key_list_all(ring, &keys);

	for (ssize_t i = 0; i < count; i++) {
		if (keys[i] == key)
			return true;
	}
	return false;
}

/*
 * Takes the token @old out of the ring after another was linked.  The kernel links and unlinks by
 * name: one of the old one's name has taken its place already, and to unlink the old one would
 * unlink the new.
 */
static int token_retire(int32_t ring, int32_t old, bool displaced, bool *vanished)
{
	if (displaced || keyctl_unlink(old, ring) == 0)
		return 0;
	*vanished = errno == ENOENT || errno == ENOKEY;
	return *vanished ? 0 : -errno;
}

/*
 * The same keys in the ring, without what links that vanished have cost.  The ring is empty for a
 * moment, as if the thread had reverted: meanwhile it is closed to the daemons.
 */
static int ring_refresh(int32_t ring)
{
	int error;

	if (ring_is_shared(ring))
		return 0;
	if (keyctl_setperm(ring, KEY_POS_ALL) < 0)
		return lost();
	self.lost = true;
	if (keyctl_clear(ring) < 0 || marker_link(ring))
		return lost();
	error = keyctl_link(self.token, ring) < 0 ? -errno : 0;
	return found_again(ring) ? -ENOTRECOVERABLE : error;
}

/* The new token is linked, but the link of @old vanished before it was taken out. */
static int token_refresh(int32_t ring, int32_t old, const char *name)
{
	int error = ring_refresh(ring);

	if (!error)
		name_keep(name);
	else if (error != -ENOTRECOVERABLE)
		self.token = old; /* which has ended: the marker alone refuses */
	return error;
}

static int token_replace(int32_t ring, int32_t token, const char *name)
{
	int32_t old = self.token;
	bool displaced = old && strcmp(self.name, name) == 0;
	bool vanished = displaced && !ring_has(ring, old);
	int error;

	if (keyctl_link(token, ring) < 0)
		return marker_undo(ring, -errno);
	self.token = token;
	error = old ? token_retire(ring, old, displaced, &vanished) : 0;
	if (!error && vanished)
		return token_refresh(ring, old, name);
	if (!error) {
		name_keep(name);
		return 0;
	}
	/* two tokens are refused; better the old one than that */
	if (unlink_from(token, ring))
		return lost();
	self.token = old;
	return error;
}

int guise_impersonate(int32_t serial)
{
	int32_t ring;
	struct key_info info;
	int error = consent_check(serial, &info);

	if (!error)
		error = ring_own(&ring);
	if (!error)
		error = ring_announce(ring);
	if (error)
		return error;
	error = ring_start(ring);
	if (!error)
		error = marker_link(ring);
	if (!error)
		error = token_replace(ring, serial, info.description);
	return error ? error : found_again(ring);
}

/* Token and marker go: at once, or one by one from a ring that is the program's, too. */
static int ring_leave(int32_t ring)
{
	int error = 0;

	if (!ring_is_shared(ring) && keyctl_clear(ring) == 0)
		return 0;
	if (self.token)
		error = unlink_from(self.token, ring);
	if (!error && self.marker)
		error = unlink_from(self.marker, ring);
	return error;
}

int guise_revert(void)
{
	int32_t ring;
	int error;

	if (!self.ring)
		return 0; /* this thread never impersonated */
	error = ring_own(&ring);
	if (!error && self.unsure)
		error = ring_empty(ring);
	if (!error)
		error = ring_leave(ring);
	if (error)
		return lost();
	self.token = 0;
	self.marker = 0;
	self.unsure = false;
	return found_again(ring);
}

int guise_announce_self(void)
{
	int32_t ring;
	int error = ring_own(&ring);

	if (!error)
		error = ring_announce(ring);
	return error ? error : guise_revert();
}

/* What a ring links, as a mount would see it. */
struct inventory {
	unsigned int markers, tokens;
	int32_t token;
	bool odd; /* a key that only its owner can tell about */
};

static void inventory_add(struct inventory *inventory, int32_t key)
{
	struct key_info info;
	int error = key_describe(key, &info);

	if (error == -EACCES) {
		inventory->odd = true;
	} else if (!error && key_is_marker(&info)) {
		inventory->markers++;
	} else if (error || key_is_token(&info)) {
		/* a revoked or expired key cannot be described, and was a token key before */
		inventory->tokens++;
		inventory->token = key;
	}
}

static enum thread_is thread_judge(const struct inventory *inventory, int32_t ring, int32_t *token)
{
	bool known = ring == self.ring && !self.unsure;

	if (inventory->odd || (ring == self.ring && self.lost))
		return THREAD_UNSURE;
	if (!inventory->markers && !inventory->tokens)
		return THREAD_ITSELF;
	if (inventory->markers && inventory->tokens == 1) {
		*token = inventory->token;
		return THREAD_CLIENT;
	}
	/* the client's key has vanished from it */
	if (inventory->markers && !inventory->tokens && known && self.token) {
		*token = self.token;
		return THREAD_CLIENT;
	}
	return THREAD_UNSURE;
}

enum thread_is thread_is(int32_t *token)
{
	SCOPED_BUFFER int32_t *keys = NULL;
	struct inventory inventory = {0};
	int32_t ring = keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 0);
	ssize_t count;

	*token = 0;
	if (ring < 0)
		return errno == ENOKEY ? THREAD_ITSELF : THREAD_UNSURE;
	count = key_list_all(ring, &keys);
	if (count < 0)
		return THREAD_UNSURE;
	for (ssize_t i = 0; i < count; i++)
		inventory_add(&inventory, keys[i]);
	return thread_judge(&inventory, ring, token);
}

bool thread_is_announced(void)
{
	return self.announced &&
	       self.announced == keyctl_get_keyring_ID(KEY_SPEC_THREAD_KEYRING, 0);
}
