/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a binary descriptor: what is read can be written in both
 * layouts, as text if it can be said, and is the same when read again.  Text says what
 * conditions and attributes mean, not how they are laid out: there its text is the same.
 */
#include <string.h>

#include "acl/descriptor.h"
#include "acl/sddl.h"
#include "fuzz.h"

typedef enum sd_error (*writer)(const struct descriptor *sd, uint8_t **bytes, size_t *size);

static void check_binary(const struct descriptor *sd, writer write)
{
	struct descriptor *again = NULL;
	uint8_t *bytes;
	size_t size;
	/* dense layout takes at most what was read */
	require(write(sd, &bytes, &size) == SD_OK);
	require(descriptor_read(bytes, size, &again) == SD_OK);
	require(descriptor_equal(sd, again));
	descriptor_destroy(again);
	free(bytes);
}

/* Bits that SDDL says nothing of; Windows leaves them out too. */
#define UNSAID                                                                                     \
	(SE_OWNER_DEFAULTED | SE_GROUP_DEFAULTED | SE_DACL_DEFAULTED | SE_SACL_DEFAULTED |         \
	 SE_DACL_TRUSTED | SE_SERVER_SECURITY | SE_RM_CONTROL_VALID)

/* Does a list have ACEs whose data may be laid out in another way? */
static bool has_data(const struct acl *acl)
{
	for (size_t i = 0; acl && i < acl->count; i++) {
		if (acl->aces[i].data_size)
			return true;
	}
	return false;
}

/* Reads @text, which was written for @sd, and writes it again. */
static void check_again(const struct descriptor *sd, const char *text)
{
	struct descriptor *again = NULL;
	struct descriptor *third = NULL;
	char *same;
	require(sddl_read(text, NULL, &again, NULL) == SD_OK);
	require(has_data(sd->dacl) || has_data(sd->sacl) || descriptor_equal(sd, again));
	require(sddl_write(again, NULL, &same) == SD_OK);
	require(strcmp(text, same) == 0);
	require(sddl_read(same, NULL, &third, NULL) == SD_OK);
	require(descriptor_equal(again, third));
	descriptor_destroy(again);
	descriptor_destroy(third);
	free(same);
}

static void check_text(struct descriptor *sd)
{
	char *text;
	sd->control &= (uint16_t)~UNSAID;
	/* flags of a list that is not there have no text either */
	if (!(sd->control & SE_DACL_PRESENT))
		sd->control &= (uint16_t) ~(SE_DACL_PROTECTED | SE_DACL_AUTO_INHERIT_REQ |
					    SE_DACL_AUTO_INHERITED);
	if (!(sd->control & SE_SACL_PRESENT))
		sd->control &= (uint16_t) ~(SE_SACL_PROTECTED | SE_SACL_AUTO_INHERIT_REQ |
					    SE_SACL_AUTO_INHERITED);
	enum sd_error error = sddl_write(sd, NULL, &text);
	if (error == SD_NO_TEXT)
		return;
	require(error == SD_OK);
	check_again(sd, text);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct descriptor *sd = NULL;
	struct descriptor *cifs = NULL;
	enum sd_error error = descriptor_read(data, size, &sd);
	/* what is read otherwise, too, is read as the same; and only more is read */
	enum sd_error cifs_error = descriptor_read_cifs(data, size, &cifs);
	require(error != SD_OK || (cifs_error == SD_OK && descriptor_equal(sd, cifs)));
	require((cifs_error == SD_OK) == (cifs != NULL));
	descriptor_destroy(cifs);
	if (error != SD_OK) {
		require(!sd);
		return 0;
	}
	struct descriptor *copy = descriptor_copy(sd);
	require(copy && descriptor_equal(sd, copy));
	check_binary(sd, descriptor_write);
	check_binary(sd, descriptor_write_cifs);
	check_binary(copy, descriptor_write_nt);
	check_text(copy);
	descriptor_destroy(copy);
	descriptor_destroy(sd);
	return 0;
}
