/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a token in lines of text: what is read says the same after writing and reading
 * again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/token_lines.h"
#include "fuzz.h"

static char *written(const struct token *token)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	require(out);
	token_lines_write(token, out);
	require(fclose(out) == 0);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *first, *second;
	struct token *token = NULL, *again = NULL;
	enum sd_error error = token_lines_read(text, &token);

	free(text);
	require(error ? !token : token != NULL);
	if (error)
		return 0;
	/* what may be made an owner is a group as well, and is so listed from the second time on */
	first = written(token);
	require(token_lines_read(first, &again) == SD_OK);
	second = written(again);
	require(sid_equal(token_user(token), token_user(again)));
	require(token_privileges(token) == token_privileges(again));
	require(token_rights(token) == token_rights(again));
	require(token_level(token) == token_level(again));
	require(token_integrity(token) == token_integrity(again));
	require(token_expiry(token) == token_expiry(again));
	require(strlen(second) >= strlen(first));
	token_unref(token);
	token_unref(again);
	free(first);
	free(second);
	return 0;
}
