/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the text of a token key: what is read means the same after writing and
 * reading again, and what is refused leaves nothing behind.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "keyring/token_text.h"

static void same(const struct token_text *a, const struct token_text *b)
{
	require(a->has_level == b->has_level && a->level == b->level);
	require(a->audience_count == b->audience_count);
	require(a->parent.serial == b->parent.serial && a->parent.owner == b->parent.owner);
	require(strcmp(a->parent.name, b->parent.name) == 0);
	require(a->has_share == b->has_share && strcmp(a->share, b->share) == 0);
	require(a->has_until == b->has_until && a->until == b->until);
	require(a->has_rights == b->has_rights && a->rights == b->rights);
	require(a->has_user == b->has_user && a->privileges == b->privileges);
	require(!a->has_user || sid_equal(&a->user, &b->user));
	require(a->group_count == b->group_count);
	for (size_t i = 0; i < a->audience_count; i++)
		require(sid_equal(&a->audience[i], &b->audience[i]));
	for (size_t i = 0; i < a->group_count; i++)
		require(sid_equal(&a->groups[i], &b->groups[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_text text = {0}, again = {0};
	struct token_text_fault fault = {0};
	char written[TOKEN_TEXT_MAX + 1];
	ssize_t length;

	if (token_text_read((const char *)data, size, &text, &fault) < 0) {
		require(fault.line >= 1 && fault.expected);
		require(!text.groups && !text.audience_count);
		return 0;
	}
	length = token_text_write(&text, written, sizeof(written));
	require(text.has_level || text.level == TOKEN_IDENTIFY);
	require(!text.has_share || token_text_share_ok(text.share));
	require(!text.parent.serial ||
		(text.parent.serial > 0 && !text.has_user && !text.group_count));
	require(!text.parent.serial || token_text_name_ok(text.parent.name));
	/* SIDs have one spelling that is longer than another: what was read may not fit again */
	if (length >= 0) {
		require(strlen(written) == (size_t)length);
		require(token_text_read(written, (size_t)length, &again, NULL) == 0);
		same(&text, &again);
	} else {
		require(length == -EFBIG);
	}
	token_text_free(&text);
	token_text_free(&again);
	return 0;
}
