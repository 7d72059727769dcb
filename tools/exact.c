/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that says all of a descriptor.
 */
#include "exact.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "keyring/scoped.h"
#include "text.h"

#define DESCRIPTOR_CLEANUP __attribute__((cleanup(descriptor_destroyp)))

/* of a descriptor of one list: header, and that of the list */
#define BEFORE_ACE (20 + 8)

int exact_sddl(const struct descriptor *sd, char **text)
{
	DESCRIPTOR_CLEANUP struct descriptor *again = NULL;
	TEXT_CLEANUP char *written = NULL;
	enum sd_error error = sddl_write(sd, NULL, &written);

	if (error == SD_OK)
		error = sddl_read(written, NULL, &again, NULL);
	if (error == SD_NO_MEMORY)
		return -ENOMEM;
	if (error != SD_OK || !descriptor_equal(sd, again) || sd->sbz1 != again->sbz1)
		return -ENOTSUP;
	*text = written;
	written = NULL;
	return 0;
}

/* A descriptor with @ace and nothing else, in either list. */
static struct descriptor *only(const struct ace *ace, bool sacl)
{
	struct descriptor *sd = descriptor_create();
	struct acl *acl = acl_create();

	if (!sd || !acl || acl_append(acl, ace) != SD_OK) {
		descriptor_destroy(sd);
		acl_destroy(acl);
		return NULL;
	}
	sd->control = sacl ? SE_SACL_PRESENT : SE_DACL_PRESENT;
	*(sacl ? &sd->sacl : &sd->dacl) = acl;
	return sd;
}

static char *in_bytes(const struct descriptor *sd)
{
	SCOPED_BUFFER uint8_t *bytes = NULL;
	char *text = NULL;
	size_t size, length;
	FILE *out;

	if (descriptor_write(sd, &bytes, &size) != SD_OK)
		return NULL;
	out = open_memstream(&text, &length);
	if (!out)
		return NULL;
	fputs("ace", out);
	for (size_t i = BEFORE_ACE; i < size; i++)
		fprintf(out, " %02x", bytes[i]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

char *exact_ace(const struct ace *ace, bool sacl)
{
	DESCRIPTOR_CLEANUP struct descriptor *sd = only(ace, sacl);
	TEXT_CLEANUP char *text = NULL;

	if (!sd)
		return NULL;
	switch (exact_sddl(sd, &text)) {
	case 0:
		return strdup(text + 2); /* without "D:" */
	case -ENOTSUP:
		return in_bytes(sd);
	default:
		return NULL;
	}
}
