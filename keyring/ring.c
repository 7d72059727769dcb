/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The registry's keyrings and their entries. */
#include "keyring/ring.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "keyring/key.h"
#include "keyring/ring_lock.h"

/* Only what root made, and nobody else may touch, is believed. */
static bool info_is_sound(const struct key_info *info)
{
	return info->uid == 0 && !(info->perm & (KEY_POS_ALL | KEY_GRP_ALL | KEY_OTH_ALL));
}

static bool ring_is_sound(int32_t ring, const char *name)
{
	struct key_info info;

	return key_describe(ring, &info) == 0 && strcmp(info.type, "keyring") == 0 &&
	       strcmp(info.description, name) == 0 && info_is_sound(&info);
}

static int32_t ring_search(const char *name)
{
	long ring = keyctl_search(KEY_SPEC_USER_KEYRING, "keyring", name, 0);

	if (ring < 0)
		return -errno;
	return ring_is_sound((int32_t)ring, name) ? (int32_t)ring : -EPERM;
}

/* Makes it aside and moves it in, which fails if somebody else was faster. */
static int ring_make(const char *name)
{
	int32_t ring = add_key("keyring", name, NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	int error = 0;

	if (ring < 0)
		return -errno;
	if (keyctl_setperm(ring, KEY_ROOT_PERM) < 0 ||
	    keyctl_move(ring, KEY_SPEC_PROCESS_KEYRING, KEY_SPEC_USER_KEYRING, KEYCTL_MOVE_EXCL) <
		    0)
		error = errno == EEXIST ? 0 : -errno;
	/* still there unless it was moved */
	(void)keyctl_unlink(ring, KEY_SPEC_PROCESS_KEYRING);
	return error;
}

int32_t ring_open(const char *name)
{
	int32_t ring;
	int error = ring_lock_open();

	if (error)
		return error;
	ring = ring_search(name);
	if (ring != -ENOKEY)
		return ring;
	error = ring_make(name);
	return error ? error : ring_search(name);
}

int32_t ring_find(int32_t ring, const char *name)
{
	long entry = keyctl_search(ring, "user", name, 0);

	/* a removed entry is met as revoked until the kernel has collected it */
	if (entry < 0)
		return errno == ENOKEY || errno == EKEYREVOKED ? 0 : -errno;
	return (int32_t)entry;
}

int ring_entry_read(int32_t entry, char text[RING_ENTRY_MAX])
{
	struct key_info info;
	int error = key_describe(entry, &info);
	ssize_t length;

	if (error)
		return error;
	if (!info_is_sound(&info))
		return -EPROTO;
	length = key_read(entry, text, RING_ENTRY_MAX - 1);
	if (length < 0)
		return length == -EFBIG ? -EPROTO : (int)length;
	text[length] = '\0';
	return strlen(text) == (size_t)length ? 0 : -EPROTO;
}

static int32_t entry_make(int32_t ring, const char *name, const char *text, bool exclusive)
{
	int32_t entry;
	int error = ring_lock(RING_LOCK_PATIENT);

	if (error)
		return error;
	entry = key_make(name, text, strlen(text), KEY_ROOT_PERM, ring, exclusive);
	ring_unlock();
	return entry;
}

int32_t ring_entry_write(int32_t ring, const char *name, const char *text)
{
	return entry_make(ring, name, text, false);
}

int32_t ring_entry_claim(int32_t ring, const char *name, const char *text)
{
	return entry_make(ring, name, text, true);
}

/* With the lock held. */
static int entry_unlink(int32_t ring, int32_t entry, const char *name)
{
	if (ring_find(ring, name) != entry)
		return 0;
	if (keyctl_unlink(entry, ring) < 0)
		return errno == ENOENT ? 0 : -errno;
	/* no longer in the ring: dead at once for whoever knows it by its serial */
	(void)keyctl_invalidate(entry);
	return 0;
}

int ring_entry_remove(int32_t ring, int32_t entry)
{
	struct key_info info;
	int error = key_describe(entry, &info);

	/* one that is dead is in no ring, or about to be in none */
	if (error)
		return error == -ENOKEY || error == -EKEYREVOKED ? 0 : error;
	error = ring_lock(RING_LOCK_HASTY);
	if (error)
		return error;
	error = entry_unlink(ring, entry, info.description);
	ring_unlock();
	return error;
}
