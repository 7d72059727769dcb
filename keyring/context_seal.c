/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key that seals call contexts. */
#include "keyring/context_seal.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "keyring/key.h"
#include "keyring/ring_lock.h"

/*
 * Not even the possessor may read it: what root starts for somebody else (su, a service)
 * can inherit a session keyring by which it possesses all that is root's.
 */
#define KEY_PERM (KEY_USR_VIEW | KEY_USR_READ | KEY_USR_SEARCH | KEY_USR_LINK)

static void secret_wipe(uint8_t (*secret)[CONTEXT_HASH])
{
	explicit_bzero(*secret, sizeof(*secret));
}

#define SECRET __attribute__((cleanup(secret_wipe))) uint8_t

/* Only what root made, and nobody else can read, is believed. */
static bool key_is_sound(const struct key_info *info)
{
	return strcmp(info->type, "user") == 0 &&
	       strcmp(info->description, CONTEXT_KEY_NAME) == 0 && info->uid == 0 &&
	       !(info->perm & ~(uint32_t)KEY_USR_ALL);
}

static int key_find(uint8_t secret[CONTEXT_HASH])
{
	long key = keyctl_search(KEY_SPEC_USER_KEYRING, "user", CONTEXT_KEY_NAME, 0);
	struct key_info info;
	ssize_t length;
	int error;

	if (key < 0)
		return errno == EKEYREVOKED ? -ENOKEY : -errno;
	error = key_describe((int32_t)key, &info);
	if (error)
		return error;
	if (!key_is_sound(&info))
		return -EPERM;
	length = key_read((int32_t)key, secret, CONTEXT_HASH);
	if (length < 0 && length != -EFBIG)
		return (int)length;
	return length == CONTEXT_HASH ? 0 : -EPERM;
}

/* Moves a new one in, which fails if another thread or daemon was faster: that one's counts. */
static int key_create(void)
{
	SECRET secret[CONTEXT_HASH];
	int32_t key;

	if (getrandom(secret, sizeof(secret), 0) != (ssize_t)sizeof(secret))
		return -EIO;
	key = key_make(CONTEXT_KEY_NAME, secret, sizeof(secret), KEY_PERM, KEY_SPEC_USER_KEYRING,
		       true);
	return key < 0 && key != -EEXIST ? key : 0;
}

/*
 * A key that was revoked is in the way of a new one until the kernel collects it.  The kernel
 * unlinks by name, and any key of the name will do.
 */
static void key_bury(void)
{
	long key = keyctl_search(KEY_SPEC_USER_KEYRING, "user", CONTEXT_KEY_NAME, 0);

	if (key >= 0 || errno != EKEYREVOKED)
		return;
	key = add_key("user", CONTEXT_KEY_NAME, "", 1, KEY_SPEC_PROCESS_KEYRING);
	if (key < 0)
		return;
	(void)keyctl_unlink((int32_t)key, KEY_SPEC_USER_KEYRING);
	(void)keyctl_unlink((int32_t)key, KEY_SPEC_PROCESS_KEYRING);
}

/* Under the host's lock, so that no daemon takes another's new one for the revoked one. */
static int key_renew(void)
{
	int error = ring_lock(RING_LOCK_PATIENT);

	if (error)
		return error;
	key_bury();
	error = key_create();
	ring_unlock();
	return error;
}

static int key_find_or_create(uint8_t secret[CONTEXT_HASH])
{
	int error = key_find(secret), made;

	if (error != -ENOKEY)
		return error;
	made = key_renew();
	error = key_find(secret);
	/* it failed, perhaps because another one was made meanwhile */
	return error == -ENOKEY && made ? made : error;
}

/*
 * One thread at a time makes it, in the process keyring: another would find what is being made
 * there by its name, which it may not change any more, or take it away before it is moved.
 */
static int key_get(uint8_t secret[CONTEXT_HASH])
{
	static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;
	int error = key_find(secret);

	if (error != -ENOKEY)
		return error;
	pthread_mutex_lock(&making);
	error = key_find_or_create(secret);
	pthread_mutex_unlock(&making);
	return error;
}

ssize_t context_seal(char *buffer, size_t length, size_t size)
{
	uint8_t digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	char line[CONTEXT_MAC_LINE + 1];
	SECRET secret[CONTEXT_HASH];
	int error;

	if (length > CONTEXT_TEXT_MAX || size < length || size - length < CONTEXT_MAC_LINE)
		return -EFBIG;
	error = key_get(secret);
	if (error)
		return error;
	context_digest(buffer, length, digest);
	context_mac(secret, digest, mac);
	context_mac_line(mac, line);
	memcpy(buffer + length, line, CONTEXT_MAC_LINE);
	return (ssize_t)(length + CONTEXT_MAC_LINE);
}

int context_seal_check(const uint8_t digest[CONTEXT_HASH], const uint8_t mac[CONTEXT_HASH])
{
	SECRET secret[CONTEXT_HASH];
	uint8_t expected[CONTEXT_HASH];
	int error = key_find(secret);

	/* without a key nothing was sealed */
	if (error)
		return error == -ENOKEY ? 0 : error;
	context_mac(secret, digest, expected);
	error = context_mac_equal(expected, mac) ? 1 : 0;
	explicit_bzero(expected, sizeof(expected));
	return error;
}
