/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as SDDL: a fault lies within the text; what is read can be written as text
 * and as bytes and is the same when read again, and its text is the same when written again.
 */
#include <string.h>

#include "acl/condition.h"
#include "acl/sddl.h"
#include "fuzz.h"

static void check_text(const struct descriptor *sd, const struct sid *domain)
{
	struct descriptor *again = NULL;
	char *text, *same;
	require(sddl_write(sd, domain, &text) == SD_OK);
	require(sddl_read(text, domain, &again, NULL) == SD_OK);
	require(descriptor_equal(sd, again));
	require(sddl_write(again, domain, &same) == SD_OK);
	require(strcmp(text, same) == 0);
	descriptor_destroy(again);
	free(text);
	free(same);
}

/* Is the data of each ACE what its type asks for? */
static void check_data(const struct acl *acl)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		const struct ace *ace = &acl->aces[i];
		struct attribute attribute;
		if (ace_type_is_callback(ace->type)) {
			require(condition_valid(ace->data, ace->data_size));
		} else if (ace->type == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE) {
			require(attribute_read(ace->data, ace->data_size, &attribute) == SD_OK);
			attribute_clear(&attribute);
		} else {
			require(!ace->data_size);
		}
	}
}

static void check_binary(const struct descriptor *sd)
{
	struct descriptor *again = NULL;
	uint8_t *bytes;
	size_t size;
	enum sd_error error = descriptor_write(sd, &bytes, &size);
	if (error == SD_TOO_LARGE)
		return;
	require(error == SD_OK);
	require(descriptor_read(bytes, size, &again) == SD_OK);
	require(descriptor_equal(sd, again));
	descriptor_destroy(again);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	struct sid domain;
	require(text && sid_parse("S-1-5-21-1-2-3", &domain, NULL));
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	enum sd_error error = sddl_read(text, &domain, &sd, &fault);
	if (error) {
		require(!sd);
		if (error == SD_BAD_SYNTAX)
			require(fault.expected && fault.offset <= strlen(text));
	} else {
		check_text(sd, &domain);
		check_text(sd, NULL);
		check_data(sd->dacl);
		check_data(sd->sacl);
		check_binary(sd);
		descriptor_destroy(sd);
	}
	free(text);
	return 0;
}
