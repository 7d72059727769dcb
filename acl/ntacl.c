/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * security.NTACL: Samba's xattr_NTACL structure (librpc/idl/xattr.idl) in NDR, little-endian,
 * aligned to the size of each field.
 *
 *   all      u16 version, u16 the same again (union switch), u32 pointer
 *   1        descriptor
 *   2        u32 pointer, u8 hash[16], descriptor
 *   3        u32 pointer, u16 hash type, u8 hash[64], pad, descriptor
 *   4        as 3, but before the pad: description (UTF-8 with its NUL), then
 *            pad, u64 time, u8 hash of the POSIX ACL[64], descriptor
 *
 * The descriptor is as Samba packs it (descriptor_write_nt()), but its offsets count from the start
 * of the attribute.  Pointers are any number but 0.  The hashes say whether the POSIX ACL was
 * changed behind Samba's back; they are not used here.
 */
#include "acl/ntacl.h"

#include <stdlib.h>
#include <string.h>

#include "acl/bytes.h"
#include "acl/layout.h"

#define NTACL_HEADER_SIZE 8
#define POINTER_SIZE 4
#define HASH_V2_SIZE 16
#define HASH_TYPE_SIZE 2
#define HASH_SIZE 64
#define TIME_SIZE 8

/* the version written; it needs no time and no hash of the POSIX ACL */
#define NTACL_VERSION 3
#define NTACL_PREFIX_SIZE 80 /* up to the descriptor */
/* what Samba's NDR library puts for the first and the second pointer */
#define NTACL_POINTER_1 0x00020000u
#define NTACL_POINTER_2 0x00020004u

/* the trailer: magic, u32 size, self-relative descriptor of that size */
#define TRAILER_MAGIC "GUISEUM1"
#define TRAILER_MAGIC_SIZE 8
#define TRAILER_HEADER_SIZE 12

_Static_assert(NTACL_PREFIX_SIZE ==
		       ((NTACL_HEADER_SIZE + POINTER_SIZE + HASH_TYPE_SIZE + HASH_SIZE + 3) & ~3),
	       "the descriptor follows the hash, aligned");

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

/* Bytes of the UTF-8 character at @text of @size bytes; 0 if it is none. */
static size_t utf8_size(const uint8_t *text, size_t size)
{
	static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = text[0];
	if (first < 0x80)
		return 1;
	size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc0 || first > 0xf4 || count > size)
		return 0;
	uint32_t code = first & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (text[i] & 0x3f);
	}
	if (code < lowest[count] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return count;
}

static bool is_utf8(const uint8_t *text, size_t size)
{
	while (size) {
		size_t count = utf8_size(text, size);
		if (count == 0)
			return false;
		text += count;
		size -= count;
	}
	return true;
}

/* Moves over the description, the time and the hash that version 4 adds. */
static bool skip_v4(const uint8_t *blob, size_t size, size_t *at)
{
	const uint8_t *end = *at < size ? memchr(blob + *at, '\0', size - *at) : NULL;
	if (!end || !is_utf8(blob + *at, (size_t)(end - blob) - *at))
		return false;
	*at = align4((size_t)(end - blob) + 1);
	return skip(size, at, TIME_SIZE + HASH_SIZE);
}

/* Finds the descriptor: stores its offset in *@at. */
static bool find_descriptor(const uint8_t *blob, size_t size, size_t *at)
{
	*at = 4;
	if (size < NTACL_HEADER_SIZE || !skip_pointer(blob, size, at))
		return false;
	uint16_t version = get_le16(blob);
	if (get_le16(blob + 2) != version)
		return false;
	switch (version) {
	case 1:
		break;
	case 2:
		if (!skip_pointer(blob, size, at) || !skip(size, at, HASH_V2_SIZE))
			return false;
		break;
	case 3:
	case 4:
		if (!skip_pointer(blob, size, at) || !skip(size, at, HASH_TYPE_SIZE + HASH_SIZE))
			return false;
		if (version == 4 && !skip_v4(blob, size, at))
			return false;
		break;
	default:
		return false;
	}
	*at = align4(*at);
	return *at < size;
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

enum sd_error ntacl_read(const uint8_t *blob, size_t size, struct descriptor **sd,
			 struct descriptor **unmasked)
{
	size_t at, end;
	struct descriptor *main = NULL;
	struct descriptor *behind = NULL;
	if (!find_descriptor(blob, size, &at))
		return SD_BAD_NTACL;
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

/* Lays out prefix, descriptor and trailer; @kept may be NULL. */
static uint8_t *assemble(const uint8_t *main, size_t main_size, const uint8_t *kept,
			 size_t kept_size, size_t *size)
{
	size_t total = NTACL_PREFIX_SIZE + main_size;
	if (kept)
		total += TRAILER_HEADER_SIZE + kept_size;
	uint8_t *blob = calloc(1, total);
	if (!blob)
		return NULL;
	put_le16(blob, NTACL_VERSION);
	put_le16(blob + 2, NTACL_VERSION);
	put_le32(blob + 4, NTACL_POINTER_1);
	put_le32(blob + 8, NTACL_POINTER_2);
	memcpy(blob + NTACL_PREFIX_SIZE, main, main_size);
	if (kept) {
		uint8_t *trailer = blob + NTACL_PREFIX_SIZE + main_size;
		memcpy(trailer, TRAILER_MAGIC, TRAILER_MAGIC_SIZE);
		put_le32(trailer + TRAILER_MAGIC_SIZE, (uint32_t)kept_size);
		memcpy(trailer + TRAILER_HEADER_SIZE, kept, kept_size);
	}
	*size = total;
	return blob;
}

enum sd_error ntacl_write(const struct descriptor *sd, const struct descriptor *unmasked,
			  uint8_t **blob, size_t *size)
{
	uint8_t *main = NULL;
	uint8_t *kept = NULL;
	size_t main_size, kept_size = 0;
	enum sd_error error = descriptor_write_at(sd, NTACL_PREFIX_SIZE, &main, &main_size);
	if (!error && unmasked)
		error = descriptor_write_nt(unmasked, &kept, &kept_size);
	if (!error) {
		uint8_t *result = assemble(main, main_size, kept, kept_size, size);
		if (result)
			*blob = result;
		else
			error = SD_NO_MEMORY;
	}
	free(main);
	free(kept);
	return error;
}
