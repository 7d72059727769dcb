/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as security.NTACL: what is read, with its fields and what is kept behind it,
 * is the same after writing and reading again, in this and in every other version, as we
 * write it, and without what says nothing of the descriptors.
 */
#include <string.h>

#include "acl/ntacl.h"
#include "acl/ntacl_hash.h"
#include "fuzz.h"

/* A blob, decoded. */
struct content {
	struct descriptor *sd, *kept;
	struct ntacl_info info;
};

static void content_clear(struct content *content)
{
	descriptor_destroy(content->sd);
	descriptor_destroy(content->kept);
	ntacl_info_clear(&content->info);
}

static enum sd_error content_read(struct content *content, const uint8_t *data, size_t size)
{
	return ntacl_read_info(data, size, &content->sd, &content->kept, &content->info);
}

static void check_descriptors(const struct content *a, const struct content *b)
{
	require(descriptor_equal(a->sd, b->sd));
	require((a->kept == NULL) == (b->kept == NULL));
	require(!a->kept || descriptor_equal(a->kept, b->kept));
}

static void check_info(const struct ntacl_info *a, const struct ntacl_info *b)
{
	require(a->version == b->version && a->hash_type == b->hash_type && a->time == b->time);
	require((a->description != NULL) == (a->version == 4));
	require((b->description != NULL) == (b->version == 4));
	require(!a->description || strcmp(a->description, b->description) == 0);
	require(memcmp(a->hash, b->hash, sizeof(a->hash)) == 0);
	require(memcmp(a->sys_acl_hash, b->sys_acl_hash, sizeof(a->sys_acl_hash)) == 0);
}

static void check_round_trip(const struct content *content)
{
	struct content again = {0};
	uint8_t *blob;
	size_t size;
	require(ntacl_write_info(content->sd, content->kept, &content->info, &blob, &size) ==
		SD_OK);
	require(content_read(&again, blob, size) == SD_OK);
	check_descriptors(content, &again);
	check_info(&content->info, &again.info);
	content_clear(&again);
	free(blob);
}

/* In another version the descriptors are the same, and what is written is stable. */
static void check_version(const struct content *content, uint16_t version)
{
	struct ntacl_info info = content->info;
	struct content again = {0};
	uint8_t *blob;
	size_t size;
	info.version = version;
	require(ntacl_write_info(content->sd, content->kept, &info, &blob, &size) == SD_OK);
	require(content_read(&again, blob, size) == SD_OK);
	require(again.info.version == version);
	check_descriptors(content, &again);
	check_round_trip(&again);
	content_clear(&again);
	free(blob);
}

static void check_simple(const struct content *content)
{
	struct content again = {0};
	uint8_t *blob;
	size_t size;
	require(ntacl_write(content->sd, content->kept, &blob, &size) == SD_OK);
	require(ntacl_read(blob, size, &again.sd, &again.kept) == SD_OK);
	check_descriptors(content, &again);
	content_clear(&again);
	free(blob);
}

/* As the store writes it, of an object with any mode and owner. */
static void check_hashed(const struct content *content)
{
	const uint8_t *any = content->info.hash;
	const struct ntacl_system system = {
		.mode = (any[0] & 1 ? S_IFDIR : S_IFREG) | (mode_t)(any[1] << 3),
		.uid = any[2],
		.gid = any[3],
	};
	struct content again = {0};
	uint8_t *blob;
	size_t size;
	require(ntacl_write_hashed(content->sd, content->kept, &system, &blob, &size) == SD_OK);
	require(content_read(&again, blob, size) == SD_OK);
	require(again.info.version == 4 && again.info.hash_type == 1 && again.info.time == 0);
	check_descriptors(content, &again);
	content_clear(&again);
	free(blob);
}

/* Whether it can be read or not, and what it says, does not hang on what is made zero. */
static void check_blank(const struct content *content, bool readable, const uint8_t *data,
			size_t size)
{
	struct content again = {0};
	uint8_t *blob = malloc(size ? size : 1);
	require(blob);
	if (size)
		memcpy(blob, data, size);
	ntacl_blank(blob, size);
	require((content_read(&again, blob, size) == SD_OK) == readable);
	if (readable) {
		check_descriptors(content, &again);
		require(again.info.time == 0 && again.info.hash_type == 0);
	}
	content_clear(&again);
	free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct content content = {0};
	if (content_read(&content, data, size) != SD_OK) {
		require(!content.sd && !content.kept && !content.info.description);
		check_blank(&content, false, data, size);
		return 0;
	}
	check_blank(&content, true, data, size);
	check_hashed(&content);
	check_round_trip(&content);
	check_simple(&content);
	for (uint16_t version = 1; version <= NTACL_VERSION_MAX; version++)
		check_version(&content, version);
	content_clear(&content);
	return 0;
}
