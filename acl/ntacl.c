/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security.NTACL: Samba's xattr_NTACL structure (librpc/idl/xattr.idl) in NDR, little-endian,
 * aligned to the size of each field, but to four at most.
 *
 *   all      u16 version, u16 the same again (union switch), u32 pointer
 *   1        descriptor
 *   2        u32 pointer, u8 hash[16], descriptor
 *   3        u32 pointer, u16 hash type, u8 hash[64], pad, descriptor
 *   4        as 3, but before the pad: description (UTF-8 with its NUL), then
 *            pad, u64 time, u8 hash of the POSIX ACL[64], descriptor
 *
 * The descriptor is as Samba packs it (descriptor_write_nt()), but its offsets count from the start
 * of the attribute.  Pointers are any number but 0.
 */
#include "acl/ntacl.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "acl/bytes.h"
#include "acl/layout.h"

#define HEADER_SIZE 4 /* version and union switch */
#define POINTER_SIZE 4
#define HASH_V2_SIZE 16
#define HASH_TYPE_SIZE 2
#define TIME_SIZE 8
/* an attribute is no longer than this in any case */
#define DESCRIPTION_MAX DESCRIPTOR_MAX_SIZE

/* what is written unless asked otherwise; it needs no time and no hash of the POSIX ACL */
#define NTACL_VERSION 3
/* what Samba's NDR library puts for the first and the second pointer */
#define NTACL_POINTER_1 0x00020000u
#define NTACL_POINTER_2 0x00020004u

/* the trailer: magic, u32 size, self-relative descriptor of that size */
#define TRAILER_MAGIC "GUISEUM1"
#define TRAILER_MAGIC_SIZE 8
#define TRAILER_HEADER_SIZE 12

void ntacl_info_clear(struct ntacl_info *info)
{
	free(info->description);
	memset(info, 0, sizeof(*info));
}

/* Moves *@at on by @count bytes if @size has them. */
static bool skip(size_t size, size_t *at, size_t count)
{
	if (*at > size || size - *at < count)
		return false;
	*at += count;
	return true;
}

static bool skip_pointer(const uint8_t *blob, size_t size, size_t *at)
{
	size_t start = *at;
	return skip(size, at, POINTER_SIZE) && get_le32(blob + start) != 0;
}

/* Copies the next @count bytes to @to. */
static bool take(const uint8_t *blob, size_t size, size_t *at, uint8_t *to, size_t count)
{
	size_t start = *at;
	if (!skip(size, at, count))
		return false;
	memcpy(to, blob + start, count);
	return true;
}

/* Reads the hash and its type, as versions 3 and 4 have them. */
static bool take_hash(const uint8_t *blob, size_t size, size_t *at, struct ntacl_info *info)
{
	size_t start = *at;
	if (!skip(size, at, HASH_TYPE_SIZE))
		return false;
	info->hash_type = get_le16(blob + start);
	return take(blob, size, at, info->hash, NTACL_HASH_SIZE);
}

/* Reads the description, the time and the hash that version 4 adds. */
static enum sd_error take_v4(const uint8_t *blob, size_t size, size_t *at, struct ntacl_info *info)
{
	const uint8_t *start = blob + *at;
	const uint8_t *end = *at < size ? memchr(start, '\0', size - *at) : NULL;
	if (!end || u8_check(start, (size_t)(end - start)))
		return SD_BAD_NTACL;
	if ((size_t)(end - start) > DESCRIPTION_MAX)
		return SD_TOO_LARGE;
	*at = align4((size_t)(end - blob) + 1);
	size_t time = *at;
	if (!skip(size, at, TIME_SIZE) ||
	    !take(blob, size, at, info->sys_acl_hash, NTACL_HASH_SIZE))
		return SD_BAD_NTACL;
	info->time = get_le32(blob + time) | (uint64_t)get_le32(blob + time + 4) << 32;
	info->description = strdup((const char *)start);
	return info->description ? SD_OK : SD_NO_MEMORY;
}

/* Reads the version and the pointers that it has. */
static bool take_header(const uint8_t *blob, size_t size, size_t *at, struct ntacl_info *info)
{
	if (!skip(size, at, HEADER_SIZE))
		return false;
	info->version = get_le16(blob);
	if (get_le16(blob + 2) != info->version || info->version < 1 ||
	    info->version > NTACL_VERSION_MAX)
		return false;
	return skip_pointer(blob, size, at) && (info->version == 1 || skip_pointer(blob, size, at));
}

/* Reads what precedes the descriptor, whose offset is *@at then. */
static enum sd_error take_prefix(const uint8_t *blob, size_t size, size_t *at,
				 struct ntacl_info *info)
{
	enum sd_error error = SD_OK;
	if (!take_header(blob, size, at, info))
		return SD_BAD_NTACL;
	if (info->version == 2 && !take(blob, size, at, info->hash, HASH_V2_SIZE))
		return SD_BAD_NTACL;
	if (info->version >= 3 && !take_hash(blob, size, at, info))
		return SD_BAD_NTACL;
	if (info->version == 4)
		error = take_v4(blob, size, at, info);
	*at = align4(*at);
	return !error && *at >= size ? SD_BAD_NTACL : error;
}

/* Makes the next @count bytes zero, as far as there are any. */
static void blank(uint8_t *blob, size_t size, size_t *at, size_t count)
{
	size_t start = *at;
	if (skip(size, at, count))
		memset(blob + start, 0, count);
}

void ntacl_blank(uint8_t *blob, size_t size)
{
	struct ntacl_info info = {0};
	size_t at = 0;
	if (!take_header(blob, size, &at, &info) || info.version == 1)
		return;
	blank(blob, size, &at, info.version == 2 ? HASH_V2_SIZE : HASH_TYPE_SIZE + NTACL_HASH_SIZE);
	if (info.version != 4 || at >= size)
		return;
	const uint8_t *end = memchr(blob + at, '\0', size - at);
	if (!end)
		return;
	at = align4((size_t)(end - blob) + 1);
	blank(blob, size, &at, TIME_SIZE + NTACL_HASH_SIZE);
}

/* Reads the trailer, if one starts at @bytes: its descriptor goes exactly to the end. */
static enum sd_error read_trailer(const uint8_t *bytes, size_t size, struct descriptor **sd)
{
	*sd = NULL;
	if (size < TRAILER_MAGIC_SIZE || memcmp(bytes, TRAILER_MAGIC, TRAILER_MAGIC_SIZE) != 0)
		return SD_OK;
	if (size < TRAILER_HEADER_SIZE ||
	    get_le32(bytes + TRAILER_MAGIC_SIZE) != size - TRAILER_HEADER_SIZE)
		return SD_BAD_NTACL;
	size_t end;
	enum sd_error error = descriptor_read_at(bytes + TRAILER_HEADER_SIZE,
						 size - TRAILER_HEADER_SIZE, 0, sd, &end);
	if (!error && end != size - TRAILER_HEADER_SIZE) {
		descriptor_destroy(*sd);
		*sd = NULL;
		return SD_BAD_NTACL;
	}
	return error && error != SD_NO_MEMORY ? SD_BAD_NTACL : error;
}

/* Reads the descriptor at @at and what is kept behind it. */
static enum sd_error read_descriptors(const uint8_t *blob, size_t size, size_t at,
				      struct descriptor **sd, struct descriptor **unmasked)
{
	size_t end;
	struct descriptor *main = NULL;
	struct descriptor *behind = NULL;
	enum sd_error error = descriptor_read_at(blob, size, at, &main, &end);
	if (error)
		return error;
	error = read_trailer(blob + end, size - end, &behind);
	if (error) {
		descriptor_destroy(main);
		return error;
	}
	*sd = main;
	if (unmasked)
		*unmasked = behind;
	else
		descriptor_destroy(behind);
	return SD_OK;
}

enum sd_error ntacl_read_info(const uint8_t *blob, size_t size, struct descriptor **sd,
			      struct descriptor **unmasked, struct ntacl_info *info)
{
	struct ntacl_info found = {0};
	size_t at = 0;
	enum sd_error error = take_prefix(blob, size, &at, &found);
	if (!error)
		error = read_descriptors(blob, size, at, sd, unmasked);
	if (error)
		ntacl_info_clear(&found);
	else
		*info = found;
	return error;
}

enum sd_error ntacl_read(const uint8_t *blob, size_t size, struct descriptor **sd,
			 struct descriptor **unmasked)
{
	struct ntacl_info info = {0};
	enum sd_error error = ntacl_read_info(blob, size, sd, unmasked, &info);
	ntacl_info_clear(&info);
	return error;
}

/* Bytes up to the descriptor. */
static size_t prefix_size(const struct ntacl_info *info, size_t description)
{
	size_t size = HEADER_SIZE + POINTER_SIZE;
	if (info->version >= 2)
		size += POINTER_SIZE;
	if (info->version == 2)
		size += HASH_V2_SIZE;
	if (info->version >= 3)
		size += HASH_TYPE_SIZE + NTACL_HASH_SIZE;
	if (info->version == 4)
		size = align4(size + description + 1) + TIME_SIZE + NTACL_HASH_SIZE;
	return align4(size);
}

/* Writes what precedes the descriptor to @bytes, which are zero. */
static void put_prefix(const struct ntacl_info *info, size_t description, uint8_t *bytes)
{
	uint8_t *end = bytes + prefix_size(info, description);
	put_le16(bytes, info->version);
	put_le16(bytes + 2, info->version);
	bytes += HEADER_SIZE;
	put_le32(bytes, NTACL_POINTER_1);
	bytes += POINTER_SIZE;
	if (info->version == 1)
		return;
	put_le32(bytes, NTACL_POINTER_2);
	bytes += POINTER_SIZE;
	if (info->version == 2) {
		memcpy(bytes, info->hash, HASH_V2_SIZE);
		return;
	}
	put_le16(bytes, info->hash_type);
	bytes += HASH_TYPE_SIZE;
	memcpy(bytes, info->hash, NTACL_HASH_SIZE);
	bytes += NTACL_HASH_SIZE;
	if (info->version == 3)
		return;
	if (description)
		memcpy(bytes, info->description, description);
	bytes = end - NTACL_HASH_SIZE;
	memcpy(bytes, info->sys_acl_hash, NTACL_HASH_SIZE);
	bytes -= TIME_SIZE;
	put_le32(bytes, (uint32_t)info->time);
	put_le32(bytes + 4, (uint32_t)(info->time >> 32));
}

static void put_trailer(const uint8_t *kept, size_t size, uint8_t *bytes)
{
	memcpy(bytes, TRAILER_MAGIC, TRAILER_MAGIC_SIZE);
	put_le32(bytes + TRAILER_MAGIC_SIZE, (uint32_t)size);
	memcpy(bytes + TRAILER_HEADER_SIZE, kept, size);
}

/* The length of the description, 0 if the version has none; is it one that can be written? */
static enum sd_error measure_description(const struct ntacl_info *info, size_t *length)
{
	*length = 0;
	if (info->version < 1 || info->version > NTACL_VERSION_MAX)
		return SD_BAD_NTACL;
	if (info->version < 4 || !info->description)
		return SD_OK;
	*length = strlen(info->description);
	if (*length > DESCRIPTION_MAX)
		return SD_TOO_LARGE;
	return u8_check((const uint8_t *)info->description, *length) ? SD_BAD_NTACL : SD_OK;
}

static void freep(uint8_t **bytes)
{
	free(*bytes);
}

enum sd_error ntacl_write_info(const struct descriptor *sd, const struct descriptor *unmasked,
			       const struct ntacl_info *info, uint8_t **blob, size_t *size)
{
	uint8_t *main __attribute__((cleanup(freep))) = NULL;
	uint8_t *kept __attribute__((cleanup(freep))) = NULL;
	size_t description, main_size, kept_size = 0;
	enum sd_error error = measure_description(info, &description);
	if (error)
		return error;
	size_t prefix = prefix_size(info, description);
	error = descriptor_write_at(sd, prefix, &main, &main_size);
	if (!error && unmasked)
		error = descriptor_write_nt(unmasked, &kept, &kept_size);
	if (error)
		return error;
	size_t total = prefix + main_size + (kept ? TRAILER_HEADER_SIZE + kept_size : 0);
	uint8_t *bytes = calloc(1, total);
	if (!bytes)
		return SD_NO_MEMORY;
	put_prefix(info, description, bytes);
	memcpy(bytes + prefix, main, main_size);
	if (kept)
		put_trailer(kept, kept_size, bytes + prefix + main_size);
	*blob = bytes;
	*size = total;
	return SD_OK;
}

enum sd_error ntacl_write(const struct descriptor *sd, const struct descriptor *unmasked,
			  uint8_t **blob, size_t *size)
{
	static const struct ntacl_info plain = {.version = NTACL_VERSION};
	return ntacl_write_info(sd, unmasked, &plain, blob, size);
}
