/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as security.NTACL: what is read, with what is kept behind it, is the
 * same after writing and reading again.
 */
#include "acl/ntacl.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct descriptor *sd = NULL, *kept = NULL;
	struct descriptor *sd_again = NULL, *kept_again = NULL;
	uint8_t *blob;
	size_t blob_size;
	if (ntacl_read(data, size, &sd, &kept) != SD_OK) {
		require(!sd && !kept);
		return 0;
	}
	require(ntacl_write(sd, kept, &blob, &blob_size) == SD_OK);
	require(ntacl_read(blob, blob_size, &sd_again, &kept_again) == SD_OK);
	require(descriptor_equal(sd, sd_again));
	require((kept == NULL) == (kept_again == NULL));
	if (kept)
		require(descriptor_equal(kept, kept_again));
	free(blob);
	descriptor_destroy(sd);
	descriptor_destroy(kept);
	descriptor_destroy(sd_again);
	descriptor_destroy(kept_again);
	return 0;
}
