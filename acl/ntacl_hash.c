/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Samba's smb_acl_wrapper in NDR, little-endian, each field aligned to its size:
 *
 *   wrapper  u32 pointer to the access ACL, u32 pointer to the default ACL (0 but for
 *            folders), u64 owner, u64 group, u32 mode, then what the pointers point to
 *   list     u32 count, pad to eight, u32 count again, u32 0, entries
 *   entry    at a multiple of eight: u16 tag, u16 the same again (union switch),
 *            pad and u64 id if it names someone, u32 permissions
 *
 * An object without an access ACL has the three entries that its mode means, a
 * folder without a default ACL an empty one.
 */
#include "acl/ntacl_hash.h"

#include <acl/libacl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/acl.h>

#include "acl/bytes.h"

#define POINTER_1 0x00020000u
#define POINTER_2 0x00020004u

#define WRAPPER_SIZE 28
#define LIST_HEADER_MAX 16
#define ENTRY_MAX 24 /* with its pads */

#define HASH_TYPE_SHA256 1
#define DESCRIPTION "posix_acl"

/* who an entry is for, as Samba numbers it */
enum tag {
	TAG_USER = 1,
	TAG_USER_OBJ = 2,
	TAG_GROUP = 3,
	TAG_GROUP_OBJ = 4,
	TAG_OTHER = 5,
	TAG_MASK = 6,
};

struct entry {
	enum tag tag;
	uint32_t id; /* of TAG_USER and TAG_GROUP */
	uint32_t perm;
};

/* Bytes that are zero and enough, written up to @at. */
struct packed {
	uint8_t *bytes;
	size_t at;
};

static void put_u16(struct packed *packed, uint16_t value)
{
	put_le16(packed->bytes + packed->at, value);
	packed->at += 2;
}

static void put_u32(struct packed *packed, uint32_t value)
{
	put_le32(packed->bytes + packed->at, value);
	packed->at += 4;
}

static void put_align8(struct packed *packed)
{
	packed->at = (packed->at + 7) & ~(size_t)7;
}

/* An id: 64 bits, of which Linux has 32. */
static void put_id(struct packed *packed, uint32_t id)
{
	put_align8(packed);
	put_u32(packed, id);
	put_u32(packed, 0);
}

static void put_entry(struct packed *packed, const struct entry *entry)
{
	put_align8(packed);
	put_u16(packed, (uint16_t)entry->tag);
	put_u16(packed, (uint16_t)entry->tag);
	if (entry->tag == TAG_USER || entry->tag == TAG_GROUP)
		put_id(packed, entry->id);
	put_u32(packed, entry->perm);
}

static void put_list_header(struct packed *packed, uint32_t count)
{
	put_u32(packed, count);
	put_align8(packed);
	put_u32(packed, count);
	put_u32(packed, 0);
}

/* The entries that a mode means. */
static void put_mode(struct packed *packed, mode_t mode)
{
	put_list_header(packed, 3);
	put_entry(packed, &(struct entry){.tag = TAG_USER_OBJ, .perm = mode >> 6 & 7});
	put_entry(packed, &(struct entry){.tag = TAG_GROUP_OBJ, .perm = mode >> 3 & 7});
	put_entry(packed, &(struct entry){.tag = TAG_OTHER, .perm = mode & 7});
}

static bool read_tag(acl_entry_t from, enum tag *tag)
{
	acl_tag_t type;

	if (acl_get_tag_type(from, &type) != 0)
		return false;
	switch (type) {
	case ACL_USER_OBJ:
		*tag = TAG_USER_OBJ;
		return true;
	case ACL_USER:
		*tag = TAG_USER;
		return true;
	case ACL_GROUP_OBJ:
		*tag = TAG_GROUP_OBJ;
		return true;
	case ACL_GROUP:
		*tag = TAG_GROUP;
		return true;
	case ACL_MASK:
		*tag = TAG_MASK;
		return true;
	case ACL_OTHER:
		*tag = TAG_OTHER;
		return true;
	default:
		return false;
	}
}

static bool read_id(acl_entry_t from, uint32_t *id)
{
	uint32_t *found = acl_get_qualifier(from);

	if (!found)
		return false;
	*id = *found;
	acl_free(found);
	return true;
}

static bool read_entry(acl_entry_t from, struct entry *entry)
{
	acl_permset_t set;

	if (!read_tag(from, &entry->tag) || acl_get_permset(from, &set) != 0)
		return false;
	entry->perm = (acl_get_perm(set, ACL_READ) == 1 ? 4u : 0) |
		      (acl_get_perm(set, ACL_WRITE) == 1 ? 2u : 0) |
		      (acl_get_perm(set, ACL_EXECUTE) == 1 ? 1u : 0);
	return (entry->tag != TAG_USER && entry->tag != TAG_GROUP) || read_id(from, &entry->id);
}

/* What chmod(2) sets of a list: of the group's bits the mask alone, if there is one. */
static void apply_mode(struct entry *entry, mode_t mode, bool has_mask)
{
	if (entry->tag == TAG_USER_OBJ)
		entry->perm = mode >> 6 & 7;
	else if (entry->tag == (has_mask ? TAG_MASK : TAG_GROUP_OBJ))
		entry->perm = mode >> 3 & 7;
	else if (entry->tag == TAG_OTHER)
		entry->perm = mode & 7;
}

static bool list_has_mask(acl_t list)
{
	acl_entry_t from;
	acl_tag_t type;

	for (int more = acl_get_entry(list, ACL_FIRST_ENTRY, &from); more == 1;
	     more = acl_get_entry(list, ACL_NEXT_ENTRY, &from)) {
		if (acl_get_tag_type(from, &type) == 0 && type == ACL_MASK)
			return true;
	}
	return false;
}

/* Puts @list, to which chmod(2) to *@mode applies unless that is NULL. */
static enum sd_error put_list(struct packed *packed, acl_t list, const mode_t *mode)
{
	bool has_mask = list_has_mask(list);
	struct entry entry = {0};
	acl_entry_t from;

	put_list_header(packed, (uint32_t)acl_entries(list));
	for (int more = acl_get_entry(list, ACL_FIRST_ENTRY, &from); more == 1;
	     more = acl_get_entry(list, ACL_NEXT_ENTRY, &from)) {
		if (!read_entry(from, &entry))
			return SD_BAD_POSIX_ACL;
		if (mode)
			apply_mode(&entry, *mode, has_mask);
		put_entry(packed, &entry);
	}
	return SD_OK;
}

static void acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

#define ACL __attribute__((cleanup(acl_freep))) acl_t

/* A copy, since whoever reads a list moves a place in it; NULL of NULL. */
static enum sd_error copy_list(const struct __acl_ext *list, acl_t *copy)
{
	*copy = list ? acl_dup((acl_t)(uintptr_t)list) : NULL;
	if (list && !*copy)
		return SD_NO_MEMORY;
	return list && acl_entries(*copy) < 0 ? SD_BAD_POSIX_ACL : SD_OK;
}

static size_t list_size(acl_t list)
{
	return LIST_HEADER_MAX + ENTRY_MAX * (list ? (size_t)acl_entries(list) : 3);
}

static enum sd_error put_lists(struct packed *packed, const struct ntacl_system *system,
			       acl_t access, acl_t inherit)
{
	enum sd_error error = SD_OK;

	if (access)
		error = put_list(packed, access, &system->mode);
	else
		put_mode(packed, system->mode);
	if (error || !S_ISDIR(system->mode))
		return error;
	if (inherit)
		return put_list(packed, inherit, NULL);
	put_list_header(packed, 0);
	return SD_OK;
}

enum sd_error ntacl_system_write(const struct ntacl_system *system, uint8_t **bytes, size_t *size)
{
	ACL access = NULL;
	ACL inherit = NULL;
	struct packed packed = {0};
	enum sd_error error = copy_list(system->access, &access);

	if (!error)
		error = copy_list(system->inherit, &inherit);
	if (error)
		return error;
	packed.bytes = calloc(1, WRAPPER_SIZE + list_size(access) + list_size(inherit));
	if (!packed.bytes)
		return SD_NO_MEMORY;
	put_u32(&packed, POINTER_1);
	put_u32(&packed, S_ISDIR(system->mode) ? POINTER_2 : 0);
	put_id(&packed, system->uid);
	put_id(&packed, system->gid);
	put_u32(&packed, system->mode);
	error = put_lists(&packed, system, access, inherit);
	if (error) {
		free(packed.bytes);
		return error;
	}
	*bytes = packed.bytes;
	*size = packed.at;
	return SD_OK;
}

static enum sd_error hash_system(const struct ntacl_system *system, uint8_t *hash)
{
	struct sha256_ctx context;
	uint8_t *bytes;
	size_t size;
	enum sd_error error = ntacl_system_write(system, &bytes, &size);

	if (error)
		return error;
	sha256_init(&context);
	sha256_update(&context, size, bytes);
	sha256_digest(&context, SHA256_DIGEST_SIZE, hash);
	free(bytes);
	return SD_OK;
}

enum sd_error ntacl_write_hashed(const struct descriptor *sd, const struct descriptor *unmasked,
				 const struct ntacl_system *system, uint8_t **blob, size_t *size)
{
	char description[] = DESCRIPTION;
	struct ntacl_info info = {
		.version = 4,
		.hash_type = HASH_TYPE_SHA256,
		.description = description,
	};
	enum sd_error error = hash_system(system, info.sys_acl_hash);

	return error ? error : ntacl_write_info(sd, unmasked, &info, blob, size);
}
