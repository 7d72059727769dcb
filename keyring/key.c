/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel keys: bounded calls of libkeyutils. */
#include "keyring/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cuts the next field off *@rest at a ';'. */
static char *field_cut(char **rest)
{
	return *rest ? strsep(rest, ";") : NULL;
}

static bool field_number(const char *field, int base, uint32_t *number)
{
	char *end;
	unsigned long value;

	if (!field || !*field)
		return false;
	errno = 0;
	value = strtoul(field, &end, base);
	if (errno || *end || value > UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

int key_describe(int32_t key, struct key_info *info)
{
	long length = keyctl_describe(key, info->text, sizeof(info->text));
	char *rest = info->text;

	if (length < 0)
		return -errno;
	if ((size_t)length > sizeof(info->text))
		return -EFBIG;
	info->type = field_cut(&rest);
	if (!field_number(field_cut(&rest), 10, &info->uid) ||
	    !field_number(field_cut(&rest), 10, &info->gid) ||
	    !field_number(field_cut(&rest), 16, &info->perm) || !rest)
		return -EPROTO;
	info->description = rest;
	return 0;
}

bool key_is_token(const struct key_info *info)
{
	return strcmp(info->type, "user") == 0 &&
	       strncmp(info->description, KEY_TOKEN_PREFIX, strlen(KEY_TOKEN_PREFIX)) == 0 &&
	       strlen(info->description) <= KEY_TOKEN_NAME_MAX;
}

bool key_is_marker(const struct key_info *info)
{
	return strcmp(info->type, "user") == 0 && strcmp(info->description, KEY_MARKER_NAME) == 0;
}

bool key_lets_use(const struct key_info *info, uid_t uid)
{
	const uint32_t user = KEY_USR_VIEW | KEY_USR_READ | KEY_USR_LINK;
	const uint32_t group = KEY_GRP_VIEW | KEY_GRP_READ | KEY_GRP_LINK;
	const uint32_t other = KEY_OTH_VIEW | KEY_OTH_READ | KEY_OTH_LINK;

	if (info->uid == uid)
		return (info->perm & user) == user;
	if ((info->perm & KEY_GRP_ALL) && (info->perm & group) != group)
		return false;
	return (info->perm & other) == other;
}

ssize_t key_read(int32_t key, void *buffer, size_t size)
{
	long length = keyctl_read(key, buffer, size);

	if (length < 0)
		return -errno;
	return (size_t)length > size ? -EFBIG : length;
}

ssize_t key_list(int32_t ring, int32_t *keys, size_t max)
{
	ssize_t length = key_read(ring, keys, max * sizeof(*keys));

	return length < 0 ? length : length / (ssize_t)sizeof(*keys);
}

ssize_t key_count(int32_t ring)
{
	long length = keyctl_read(ring, NULL, 0);

	return length < 0 ? -errno : length / (ssize_t)sizeof(int32_t);
}

ssize_t key_list_all(int32_t ring, int32_t **keys)
{
	/* it may grow between the calls, though hardly that often */
	for (int attempt = 0; attempt < 8; attempt++) {
		ssize_t count = key_count(ring);
		size_t room = count < 0 ? 0 : (size_t)count + 16;
		int32_t *list;

		if (count < 0)
			return count;
		list = calloc(room, sizeof(*list));
		if (!list)
			return -ENOMEM;
		count = key_list(ring, list, room);
		if (count >= 0) {
			*keys = list;
			return count;
		}
		free(list);
		if (count != -EFBIG)
			return count;
	}
	return -EBUSY;
}

int32_t key_make(const char *description, const void *payload, size_t length, uint32_t perm,
		 int32_t ring, bool exclusive)
{
	int32_t key = add_key("user", description, payload, length, KEY_SPEC_PROCESS_KEYRING);
	int error = 0;

	if (key < 0)
		return -errno;
	if (keyctl_setperm(key, perm) < 0)
		error = -errno;
	else if (exclusive ? keyctl_move(key, KEY_SPEC_PROCESS_KEYRING, ring, KEYCTL_MOVE_EXCL) < 0
			   : keyctl_link(key, ring) < 0)
		error = -errno;
	/* still there unless it was moved */
	(void)keyctl_unlink(key, KEY_SPEC_PROCESS_KEYRING);
	return error ? error : key;
}
