/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a file of saved descriptors, of guise or icacls: reading it ends, what is wrong has
 * a reason, no path leads elsewhere, and what is read can be written and is the same again.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "tools/saved.h"
#include "tools/saved_path.h"

/* As it would be saved again. */
static void check_again(const struct saved *saved)
{
	struct saved_writer writer;
	struct saved_reader reader;
	struct saved again = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);
	require(file && saved_begin(&writer, file, "/", true) == 0);
	/* what cannot be written in bytes is too large */
	bool fits = saved_put(&writer, saved) == 0;
	require(saved_end(&writer) == 0);
	fclose(file);
	file = fits && size < SAVED_LINE_MAX ? fmemopen(text, size, "r") : NULL;
	if (file) {
		require(saved_open(&reader, file, NULL) == 0);
		require(saved_next(&reader, &again) == 1);
		require(strcmp(again.path, saved->path) == 0);
		require(again.implied == saved->implied);
		require(descriptor_equal(again.sd, saved->sd));
		saved_clear(&again);
		require(saved_next(&reader, &again) == 0 && reader.complete);
		saved_close(&reader);
		fclose(file);
	}
	free(text);
}

static void check(const struct saved *saved)
{
	struct saved known = *saved;
	require(saved->path && saved->sd && saved->line);
	require(!saved_path_fault(saved->path));
	if (known.type == SAVED_UNKNOWN)
		known.type = 'f';
	check_again(&known);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct saved_reader reader;
	struct saved saved = {0};
	/* it is only read */
	FILE *file = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (!file)
		return 0;
	int got = saved_open(&reader, file, NULL);
	require(got == 0 || reader.fault);
	/* also after what is wrong, as with --force */
	for (size_t i = 0; got == 0 && !reader.ended; i++) {
		require(i <= size + 1);
		int next = saved_next(&reader, &saved);
		if (next > 0)
			check(&saved);
		else
			require(!saved.path && !saved.sd);
		if (next < 0)
			require(next == -EBADMSG && reader.fault && reader.line);
		if (next < 0 && reader.format == SAVED_ICACLS)
			break;
		saved_clear(&saved);
	}
	saved_close(&reader);
	fclose(file);
	return 0;
}
