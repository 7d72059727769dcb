/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vectors of security.NTACL: every version, read into its fields and written from them, byte
 * for byte as Samba does.
 */
#include <stdlib.h>
#include <string.h>

#include "acl/ntacl.h"
#include "vectors.h"

static void freep(void *pointer)
{
	free(*(void **)pointer);
}

#define auto_free __attribute__((cleanup(freep)))
#define auto_sd __attribute__((cleanup(descriptor_destroyp)))
#define auto_info __attribute__((cleanup(ntacl_info_clear)))

/* The hash @name of @line, if it is not null, into @hash; false if it is malformed. */
static bool take_hash(const json_t *line, const char *name, uint8_t hash[NTACL_HASH_SIZE])
{
	auto_free uint8_t *bytes = NULL;
	size_t size;
	if (!json_is_string(json_object_get(line, name)))
		return true;
	if (!vector_bytes(line, name, &bytes, &size) || size > NTACL_HASH_SIZE)
		return false;
	memcpy(hash, bytes, size);
	return true;
}

/* The fields of @line; false if they are malformed. */
static bool take_info(const json_t *line, struct ntacl_info *info)
{
	const char *description = json_string_value(json_object_get(line, "description"));
	/* of null, which stands for a field that the version lacks, these are 0 */
	info->version = (uint16_t)json_integer_value(json_object_get(line, "version"));
	info->hash_type = (uint16_t)json_integer_value(json_object_get(line, "hash_type"));
	info->time = (uint64_t)json_integer_value(json_object_get(line, "time"));
	info->description = description ? strdup(description) : NULL;
	return take_hash(line, "hash", info->hash) &&
	       take_hash(line, "sys_acl_hash", info->sys_acl_hash);
}

/* The name of the first field in which they differ, or NULL. */
static const char *different_field(const struct ntacl_info *a, const struct ntacl_info *b)
{
	if (a->version != b->version)
		return "version";
	if (a->hash_type != b->hash_type)
		return "hash_type";
	if (memcmp(a->hash, b->hash, sizeof(a->hash)) != 0)
		return "hash";
	if ((a->description == NULL) != (b->description == NULL) ||
	    (a->description && strcmp(a->description, b->description) != 0))
		return "description";
	if (a->time != b->time)
		return "time";
	if (memcmp(a->sys_acl_hash, b->sys_acl_hash, sizeof(a->sys_acl_hash)) != 0)
		return "sys_acl_hash";
	return NULL;
}

/* Does writing @sd and @info give @size bytes @blob?  Reports a failure if not. */
static bool written_as(const struct descriptor *sd, const struct ntacl_info *info,
		       const uint8_t *blob, size_t size, struct vector_report *report)
{
	auto_free uint8_t *got = NULL;
	size_t got_size, common = 0;
	enum sd_error error = ntacl_write_info(sd, NULL, info, &got, &got_size);
	if (error) {
		report_fail(report, "blob expected to be written got %s", sd_strerror(error));
		return false;
	}
	while (common < size && common < got_size && blob[common] == got[common])
		common++;
	if (common == size && common == got_size)
		return true;
	report_fail(report, "blob expected %zu bytes got %zu bytes, different from byte %zu", size,
		    got_size, common);
	return false;
}

/* Is what was read, @sd and @info, what the fields of @line say? */
static bool read_as(const json_t *line, const struct descriptor *sd, const struct ntacl_info *info,
		    const struct ntacl_info *expected, struct vector_report *report)
{
	const char *fields[] = {"sd", "sd_nt"};
	const char *different = different_field(info, expected);
	if (different) {
		report_fail(report, "%s expected as in the line got another", different);
		return false;
	}
	for (unsigned int i = 0; i < 2; i++) {
		auto_sd struct descriptor *same = vector_descriptor(line, fields[i]);
		if (same && descriptor_equal(sd, same))
			continue;
		report_fail(report, "%s expected as in the line got another", fields[i]);
		return false;
	}
	return true;
}

static void ntacl_valid(const json_t *line, const uint8_t *blob, size_t size,
			struct vector_report *report)
{
	auto_sd struct descriptor *sd = NULL;
	auto_sd struct descriptor *kept = NULL;
	auto_info struct ntacl_info info = {0};
	auto_info struct ntacl_info expected = {0};
	if (!take_info(line, &expected)) {
		report_fail(report, "line expected hashes got something else");
		return;
	}
	enum sd_error error = ntacl_read_info(blob, size, &sd, &kept, &info);
	if (error)
		report_fail(report, "blob expected to be read got %s", sd_strerror(error));
	else if (kept)
		report_fail(report, "blob expected nothing kept got a descriptor");
	else if (read_as(line, sd, &info, &expected, report) &&
		 written_as(sd, &expected, blob, size, report))
		report_pass(report);
}

static void ntacl_invalid(const json_t *line, const uint8_t *blob, size_t size,
			  struct vector_report *report)
{
	auto_sd struct descriptor *sd = NULL;
	if (ntacl_read(blob, size, &sd, NULL) == SD_OK)
		report_fail(report, "blob expected to be refused (%s) got accepted",
			    json_string_value(json_object_get(line, "what")));
	else
		report_pass(report);
}

void vectors_ntacl(json_t *line, struct vector_report *report)
{
	auto_free uint8_t *blob = NULL;
	size_t size;
	const char *kind = json_string_value(json_object_get(line, "kind"));
	if (!kind || !vector_bytes(line, "blob", &blob, &size))
		report_fail(report, "line expected kind and blob got neither");
	else if (strcmp(kind, "invalid") == 0)
		ntacl_invalid(line, blob, size, report);
	else
		ntacl_valid(line, blob, size, report);
}
