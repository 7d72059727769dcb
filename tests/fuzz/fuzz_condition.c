/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a condition and as a security attribute: what is invalid has no value; what can be
 * written as text is the same when read again; an attribute that is read is written and read
 * as the same.
 */
#include <string.h>

#include "acl/attribute.h"
#include "acl/condition.h"
#include "fuzz.h"

/* what the token and the object have; a value is its first letter or digit, or a SID */
static const struct {
	uint16_t type;
	const char *name;
	size_t count;
	const char *values[3];
} claims[] = {
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, "i", 3, {"1", "2", "3"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64, "u", 1, {"1"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN, "b", 1, {"1"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING, "s", 2, {"x", "y"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING, "t", 1, {"x"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING, "o", 1, {"x"}},
	{CLAIM_SECURITY_ATTRIBUTE_TYPE_SID, "d", 2, {"S-1-1-0", "S-1-5-32-544"}},
};

static void fill(struct attribute_value *value, const char *text)
{
	static uint8_t bytes[3][2] = {{'x', 0}, {'y', 0}, {'z', 0}};
	value->number = (uint64_t)(text[0] - '0');
	value->bytes = bytes[(unsigned char)text[0] % 3];
	value->size = 2;
	if (text[0] == 'S')
		require(sid_parse(text, &value->sid, NULL));
}

static struct token *make_token(void)
{
	struct token *token = token_create(&sid_system);
	require(token && !token_add_group(token, &sid_everyone, SE_GROUP_ENABLED));
	require(!token_add_group(token, &sid_administrators, SE_GROUP_USE_FOR_DENY_ONLY));
	require(!token_add_restricted(token, &sid_everyone));
	require(!token_add_device_group(token, &sid_everyone, SE_GROUP_ENABLED));
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct attribute_value values[3] = {0};
		uint16_t name = (uint16_t)claims[i].name[0];
		struct attribute claim = {.name = &name,
					  .name_length = 1,
					  .type = claims[i].type,
					  .count = claims[i].count,
					  .values = values};
		for (size_t k = 0; k < claim.count; k++)
			fill(&values[k], claims[i].values[k]);
		for (int whose = 0; whose < TOKEN_CLAIMS_COUNT; whose++)
			require(!token_add_claim(token, (enum token_claims)whose, &claim));
	}
	return token;
}

static const struct token *the_token(void)
{
	static struct token *token;
	if (!token)
		token = make_token();
	return token;
}

/* The value in every context there is, as one number. */
static unsigned int values_of(const uint8_t *bytes, size_t size)
{
	unsigned int values = 0;
	for (unsigned int i = 0; i < 4; i++) {
		struct condition_context context = {
			.token = the_token(), .deny = i & 1, .restricted = i & 2};
		context.resource = token_claims(context.token, TOKEN_CLAIMS_LOCAL);
		enum condition_value value = condition_evaluate(bytes, size, &context);
		require(value <= CONDITION_UNKNOWN);
		values = values * 3 + value;
	}
	return values;
}

static void check_text(const uint8_t *bytes, size_t size)
{
	uint8_t *again;
	const char *end, *expected;
	char *text, *text_again;
	enum sd_error error = condition_write_text(bytes, size, NULL, &text);
	if (error) {
		require(error == SD_NO_TEXT);
		return;
	}
	unsigned int values = values_of(bytes, size);
	require(condition_read_text(text, NULL, &again, &size, &end, &expected) == SD_OK);
	require(*end == '\0' && condition_valid(again, size));
	require(values_of(again, size) == values);
	require(condition_write_text(again, size, NULL, &text_again) == SD_OK);
	require(strcmp(text, text_again) == 0);
	free(text_again);
	free(again);
	free(text);
}

static void check_attribute(const struct attribute *attribute)
{
	struct attribute again = {0};
	uint8_t *bytes;
	size_t size;
	enum sd_error error = attribute_write(attribute, &bytes, &size);
	/* SIDs have one spelling that is longer than another */
	if (error) {
		require(error == SD_TOO_LARGE);
		return;
	}
	require(size % 4 == 0);
	require(attribute_read(bytes, size, &again) == SD_OK);
	require(attribute_equal(attribute, &again));
	attribute_clear(&again);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct attribute attribute = {0};
	if (condition_valid(data, size)) {
		values_of(data, size);
		check_text(data, size);
	} else {
		/* UNKNOWN four times */
		require(values_of(data, size) == 80);
	}
	if (attribute_read(data, size, &attribute)) {
		require(!attribute.name && !attribute.values);
	} else {
		check_attribute(&attribute);
		attribute_clear(&attribute);
	}
	return 0;
}
