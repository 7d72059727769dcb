/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SIDs in a conditional expression.
 */
#include "acl/condition_sids.h"

#include <stdlib.h>
#include <string.h>

#include "acl/bytes.h"
#include "acl/condition_token.h"

/* The shortest token of a SID grows less than this when the longest SID takes its place. */
#define MAX_GROWTH 6

struct condition_sids condition_sids_begin(const uint8_t *bytes, size_t size)
{
	struct condition_sids walk = {bytes, size, CONDITION_SIGNATURE_SIZE};

	if (!condition_valid(bytes, size))
		walk.at = size;
	return walk;
}

/* The next token, those in a composite after it; false at the end or at the padding. */
static bool next_item(struct condition_sids *walk, struct condition_item *item)
{
	size_t used;

	if (walk->at >= walk->size || walk->bytes[walk->at] == CONDITION_PADDING)
		return false;
	used = condition_item_read(walk->bytes + walk->at, walk->size - walk->at, item);
	walk->at += item->code == CONDITION_COMPOSITE ? CONDITION_HEADER_SIZE : used;
	return used > 0;
}

bool condition_sids_next(struct condition_sids *walk, struct sid *sid)
{
	struct condition_item item;

	while (next_item(walk, &item)) {
		if (item.code == CONDITION_SID && sid_read(item.data, item.size, sid))
			return true;
	}
	return false;
}

/* An expression being written, with the composite that is open. */
struct copy {
	uint8_t *bytes;
	size_t size;
	size_t composite;       /* where its token is here; 0: none is open */
	const uint8_t *old_end; /* where it ends in the old expression */
};

static void put(struct copy *copy, const uint8_t *bytes, size_t size)
{
	memcpy(copy->bytes + copy->size, bytes, size);
	copy->size += size;
}

static void put_sid(struct copy *copy, const struct sid *sid)
{
	copy->bytes[copy->size] = CONDITION_SID;
	put_le32(copy->bytes + copy->size + 1, (uint32_t)sid_size(sid));
	copy->size += CONDITION_HEADER_SIZE;
	copy->size += sid_write(sid, copy->bytes + copy->size);
}

/* At @at in the old expression: has the composite ended? */
static void end_composite(struct copy *copy, const uint8_t *at)
{
	if (!copy->composite || at < copy->old_end)
		return;
	put_le32(copy->bytes + copy->composite + 1,
		 (uint32_t)(copy->size - copy->composite - CONDITION_HEADER_SIZE));
	copy->composite = 0;
}

/* Fills @copy; returns how many SIDs were replaced. */
static size_t copy_items(struct copy *copy, const uint8_t *bytes, size_t size,
			 bool (*replace)(const struct sid *, struct sid *, void *), void *data)
{
	struct condition_sids walk = condition_sids_begin(bytes, size);
	struct condition_item item;
	size_t count = 0;

	put(copy, bytes, CONDITION_SIGNATURE_SIZE);
	for (size_t from = walk.at; next_item(&walk, &item); from = walk.at) {
		struct sid sid, to;

		end_composite(copy, bytes + from);
		if (item.code == CONDITION_COMPOSITE) {
			copy->composite = copy->size;
			copy->old_end = item.data + item.size;
		}
		if (item.code == CONDITION_SID && sid_read(item.data, item.size, &sid) &&
		    replace(&sid, &to, data)) {
			put_sid(copy, &to);
			count++;
		} else {
			put(copy, bytes + from, walk.at - from);
		}
	}
	end_composite(copy, bytes + size);
	while (copy->size % 4 != 0)
		copy->bytes[copy->size++] = CONDITION_PADDING;
	return count;
}

enum sd_error condition_sids_map(const uint8_t *bytes, size_t size,
				 bool (*replace)(const struct sid *from, struct sid *to,
						 void *data),
				 void *data, uint8_t **mapped, size_t *mapped_size)
{
	struct copy copy = {0};

	*mapped = NULL;
	if (!condition_valid(bytes, size))
		return SD_OK;
	copy.bytes = malloc(size * MAX_GROWTH + 4);
	if (!copy.bytes)
		return SD_NO_MEMORY;
	if (copy_items(&copy, bytes, size, replace, data) == 0) {
		free(copy.bytes);
		return SD_OK;
	}
	if (copy.size > CONDITION_MAX_SIZE) {
		free(copy.bytes);
		return SD_TOO_LARGE;
	}
	*mapped = copy.bytes;
	*mapped_size = copy.size;
	return SD_OK;
}
