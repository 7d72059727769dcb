/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a policy file: what is read and written out reads as the same again and fits its
 * bounds, and what is refused leaves one plain line and nothing else.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "keyring/policy.h"

/* the most bytes that an extended attribute can have, and what stands there before the policy */
#define SHOWN_MAX (65536 - 4096 - 4)

static char *written(const struct policy *policy, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	require(out);
	policy_write(policy, out);
	require(fclose(out) == 0 && text);
	return text;
}

static void check_fault(const struct policy_fault *fault)
{
	require(strncmp(fault->text, "fuzz:", 5) == 0);
	require(strstr(fault->text, "; expected "));
	require(strlen(fault->text) < sizeof(fault->text));
	for (const char *at = fault->text; *at; at++)
		require(*at >= ' ' && *at <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy *policy = NULL, *again = NULL;
	struct policy_fault fault;
	size_t first_size, second_size;
	char *first, *second;
	int error = policy_read((const char *)data, size, "fuzz", &policy, &fault);

	if (error) {
		require(error == -EINVAL && !policy);
		check_fault(&fault);
		return 0;
	}
	first = written(policy, &first_size);
	require(first_size <= SHOWN_MAX);
	require(policy_read(first, first_size, "fuzz", &again, &fault) == 0);
	second = written(again, &second_size);
	require(first_size == second_size && memcmp(first, second, first_size) == 0);
	require(policy_role_count(policy) == policy_role_count(again));
	free(first);
	free(second);
	policy_unref(policy);
	policy_unref(again);
	return 0;
}
