/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a call context, sealed or not: each context has one spelling, and what is
 * refused leaves nothing behind.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "keyring/context_mac.h"
#include "keyring/context_text.h"

static void fuzz_text(const char *bytes, size_t size)
{
	static char written[CONTEXT_TEXT_MAX + 1];
	struct context_text text;
	ssize_t length;

	if (context_text_read(bytes, size, &text) < 0) {
		require(text.caller_count == 0 && !text.callers[0].roles);
		return;
	}
	length = context_text_write(&text, written, sizeof(written));
	require(length == (ssize_t)size && memcmp(written, bytes, size) == 0);
	require(text.caller_count >= 1 && text.caller_count <= CONTEXT_CALLERS);
	for (size_t i = 0; i < text.caller_count; i++) {
		const struct context_caller *caller = &text.callers[i];

		for (size_t j = 0; j < caller->role_count; j++)
			require(context_caller_in_role(caller, caller->roles[j]));
	}
	context_text_free(&text);
}

static void fuzz_sealed(const char *bytes, size_t size)
{
	char line[CONTEXT_MAC_LINE + 1];
	uint8_t mac[CONTEXT_HASH];
	size_t length;

	if (!context_split(bytes, size, &length, mac))
		return;
	context_mac_line(mac, line);
	require(length + CONTEXT_MAC_LINE == size);
	require(memcmp(bytes + length, line, CONTEXT_MAC_LINE) == 0);
	fuzz_text(bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_text((const char *)data, size);
	fuzz_sealed((const char *)data, size);
	return 0;
}
