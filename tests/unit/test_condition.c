/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conditional expressions in binary form: what is well-formed, and their value.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acl/bytes.h"
#include "acl/condition.h"
#include "acl/condition_token.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define USER "S-1-5-21-1-2-3-1000"
#define ENABLED "S-1-5-21-1-2-3-2000"
#define DENY_ONLY "S-1-5-21-1-2-3-2001"
#define RESTRICTING "S-1-5-21-1-2-3-2002"
#define DEVICE "S-1-5-21-1-2-3-2003"
#define DEVICE_DENY_ONLY "S-1-5-21-1-2-3-2004"
#define STRANGER "S-1-5-21-1-2-3-2005"

#define T CONDITION_TRUE
#define F CONDITION_FALSE
#define U CONDITION_UNKNOWN

/* An expression under construction. */
struct code {
	uint8_t bytes[CONDITION_MAX_SIZE + 64];
	size_t size;
	size_t open; /* where the composite that is open starts */
};

static struct code code;
static struct condition_context context;
static struct attribute_list resource;

static struct sid sid_of(const char *text)
{
	struct sid sid;
	ck_assert(sid_parse(text, &sid, NULL));
	return sid;
}

static void start(void)
{
	memcpy(code.bytes, CONDITION_SIGNATURE, CONDITION_SIGNATURE_SIZE);
	code.size = CONDITION_SIGNATURE_SIZE;
}

static void op(uint8_t token)
{
	code.bytes[code.size++] = token;
}

static void counted(uint8_t token, const void *bytes, size_t size)
{
	op(token);
	put_le32(code.bytes + code.size, (uint32_t)size);
	memcpy(code.bytes + code.size + 4, bytes, size);
	code.size += 4 + size;
}

static void text(uint8_t token, const char *ascii)
{
	uint8_t wide[128];
	size_t length = strlen(ascii);
	for (size_t i = 0; i < length; i++)
		put_le16(wide + 2 * i, (uint8_t)ascii[i]);
	counted(token, wide, 2 * length);
}

static void user(const char *name)
{
	text(CONDITION_USER, name);
}

static void string(const char *ascii)
{
	text(CONDITION_STRING, ascii);
}

static void number_signed(uint64_t value, uint8_t sign)
{
	op(CONDITION_INT64);
	put_le32(code.bytes + code.size, (uint32_t)value);
	put_le32(code.bytes + code.size + 4, (uint32_t)(value >> 32));
	code.bytes[code.size + 8] = sign;
	code.bytes[code.size + 9] = CONDITION_DECIMAL;
	code.size += 10;
}

static void number(int64_t value)
{
	number_signed((uint64_t)value, value < 0 ? CONDITION_SIGN_MINUS : CONDITION_SIGN_NONE);
}

static void sid(const char *sid_text)
{
	uint8_t bytes[SID_MAX_SIZE];
	struct sid value = sid_of(sid_text);
	counted(CONDITION_SID, bytes, sid_write(&value, bytes));
}

static void set_open(void)
{
	op(CONDITION_COMPOSITE);
	code.open = code.size;
	code.size += 4;
}

static void set_close(void)
{
	put_le32(code.bytes + code.open, (uint32_t)(code.size - code.open - 4));
}

/* The value over a copy of exact size, so that a sanitizer sees reading beyond it. */
static enum condition_value value_of(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, bytes, size);
	bool valid = condition_valid(copy, size);
	enum condition_value value = condition_evaluate(copy, size, &context);
	if (!valid)
		ck_assert_int_eq(value, CONDITION_UNKNOWN);
	free(copy);
	return value;
}

static enum condition_value value(void)
{
	ck_assert(condition_valid(code.bytes, code.size));
	return value_of(code.bytes, code.size);
}

static void ck_invalid(void)
{
	ck_assert(!condition_valid(code.bytes, code.size));
	ck_assert_int_eq(value_of(code.bytes, code.size), CONDITION_UNKNOWN);
}

static void name_it(struct attribute *attribute, const char *name)
{
	attribute->name_length = strlen(name);
	attribute->name = calloc(attribute->name_length, sizeof(*attribute->name));
	for (size_t i = 0; i < attribute->name_length; i++)
		attribute->name[i] = (uint8_t)name[i];
}

static struct attribute make(const char *name, uint16_t type, uint32_t flags, size_t count)
{
	struct attribute attribute = {.type = type, .flags = flags, .count = count};
	name_it(&attribute, name);
	attribute.values = calloc(count ? count : 1, sizeof(*attribute.values));
	return attribute;
}

static struct attribute numbers(const char *name, uint16_t type, size_t count,
				const int64_t *values)
{
	struct attribute attribute = make(name, type, 0, count);
	for (size_t i = 0; i < count; i++)
		attribute.values[i].number = (uint64_t)values[i];
	return attribute;
}

static struct attribute strings(const char *name, uint32_t flags, size_t count,
				const char *const *values)
{
	struct attribute attribute = make(name, CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING, flags, count);
	for (size_t i = 0; i < count; i++) {
		attribute.values[i].size = 2 * strlen(values[i]);
		attribute.values[i].bytes = calloc(1, attribute.values[i].size + 1);
		for (size_t at = 0; values[i][at]; at++)
			attribute.values[i].bytes[2 * at] = (uint8_t)values[i][at];
	}
	return attribute;
}

static struct attribute octets(const char *name, const char *bytes, size_t size)
{
	struct attribute attribute = make(name, CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING, 0, 1);
	attribute.values[0].bytes = calloc(1, size + 1);
	attribute.values[0].size = size;
	memcpy(attribute.values[0].bytes, bytes, size);
	return attribute;
}

static struct attribute sids(const char *name, size_t count, const char *const *values)
{
	struct attribute attribute = make(name, CLAIM_SECURITY_ATTRIBUTE_TYPE_SID, 0, count);
	for (size_t i = 0; i < count; i++)
		attribute.values[i].sid = sid_of(values[i]);
	return attribute;
}

/* Takes over @claim. */
static void give(struct token *token, enum token_claims whose, struct attribute claim)
{
	ck_assert_int_eq(token_add_claim(token, whose, &claim), 0);
	attribute_clear(&claim);
}

static void give_numbers(struct token *token)
{
	static const int64_t five[] = {5}, minus[] = {-1}, zero[] = {0}, some[] = {1, 2, 3};
	static const int64_t twice[] = {1, 2, 1};
	const uint16_t signed_type = CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64;
	const uint16_t unsigned_type = CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64;
	const uint16_t boolean = CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN;
	give(token, TOKEN_CLAIMS_USER, numbers("five", signed_type, 1, five));
	give(token, TOKEN_CLAIMS_USER, numbers("ufive", unsigned_type, 1, five));
	give(token, TOKEN_CLAIMS_USER, numbers("minus", signed_type, 1, minus));
	give(token, TOKEN_CLAIMS_USER, numbers("huge", unsigned_type, 1, minus));
	give(token, TOKEN_CLAIMS_USER, numbers("zero", signed_type, 1, zero));
	give(token, TOKEN_CLAIMS_USER, numbers("some", signed_type, 3, some));
	give(token, TOKEN_CLAIMS_USER, numbers("usome", unsigned_type, 3, some));
	give(token, TOKEN_CLAIMS_USER, numbers("twice", signed_type, 3, twice));
	give(token, TOKEN_CLAIMS_USER, numbers("no", boolean, 1, zero));
	give(token, TOKEN_CLAIMS_USER, numbers("yes", boolean, 1, minus));
	give(token, TOKEN_CLAIMS_USER, make("none", signed_type, 0, 0));
}

static void give_others(struct token *token)
{
	static const char *const pm[] = {"PM"}, *const empty[] = {""};
	static const char *const teams[] = {"red", "Green", "blue"};
	static const char *const same[] = {"red", "RED"};
	static const char *const homes[] = {ENABLED, STRANGER};
	const uint32_t exact = CLAIM_SECURITY_ATTRIBUTE_VALUE_CASE_SENSITIVE;
	give(token, TOKEN_CLAIMS_USER, strings("title", 0, 1, pm));
	give(token, TOKEN_CLAIMS_USER, strings("exact", exact, 1, pm));
	give(token, TOKEN_CLAIMS_USER, strings("empty", 0, 1, empty));
	give(token, TOKEN_CLAIMS_USER, strings("teams", 0, 3, teams));
	give(token, TOKEN_CLAIMS_USER, strings("same", 0, 2, same));
	give(token, TOKEN_CLAIMS_USER, strings("apart", exact, 2, same));
	give(token, TOKEN_CLAIMS_USER, octets("blob", "\1\2", 2));
	give(token, TOKEN_CLAIMS_USER, sids("home", 1, homes));
	give(token, TOKEN_CLAIMS_USER, sids("homes", 2, homes));
	give(token, TOKEN_CLAIMS_USER, strings("off", CLAIM_SECURITY_ATTRIBUTE_DISABLED, 1, pm));
	give(token, TOKEN_CLAIMS_USER,
	     strings("denying", CLAIM_SECURITY_ATTRIBUTE_USE_FOR_DENY_ONLY, 1, pm));
	give(token, TOKEN_CLAIMS_DEVICE, strings("lock", 0, 1, pm));
	give(token, TOKEN_CLAIMS_LOCAL, strings("here", 0, 1, pm));
}

static void setup(void)
{
	static const char *const pm[] = {"pm"};
	struct sid who = sid_of(USER), group = sid_of(ENABLED), unused = sid_of(DENY_ONLY);
	struct sid restricting = sid_of(RESTRICTING), device = sid_of(DEVICE);
	struct sid device_unused = sid_of(DEVICE_DENY_ONLY);
	struct attribute attribute = strings("title", 0, 1, pm);
	struct token *token = token_create(&who);
	ck_assert_int_eq(token_add_group(token, &group, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_add_group(token, &unused, SE_GROUP_USE_FOR_DENY_ONLY), 0);
	ck_assert_int_eq(token_add_restricted(token, &restricting), 0);
	ck_assert_int_eq(token_add_device_group(token, &device, SE_GROUP_ENABLED), 0);
	ck_assert_int_eq(token_add_device_group(token, &device_unused, SE_GROUP_USE_FOR_DENY_ONLY),
			 0);
	give_numbers(token);
	give_others(token);
	ck_assert_int_eq(attribute_list_append(&resource, &attribute), SD_OK);
	attribute_clear(&attribute);
	context = (struct condition_context){.token = token, .resource = &resource};
	start();
}

static void teardown(void)
{
	token_unref(context.token);
	attribute_list_clear(&resource);
}

/* an operand on the right: how to write one */
enum form { NUMBER, STRING, SID, OCTETS, ATTRIBUTE, NUMBERS, STRINGS, SIDS, MIXED, NOTHING };

static void elements(enum form form, const char *what)
{
	char copy[256];
	char *rest = NULL;
	ck_assert_uint_lt(strlen(what), sizeof(copy));
	strcpy(copy, what);
	for (char *one = strtok_r(copy, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
		bool digit = *one == '-' || (*one >= '0' && *one <= '9');
		if (form == SIDS)
			sid(one);
		else if (form == STRINGS || (form == MIXED && !digit))
			string(one);
		else
			number(strtoll(one, NULL, 10));
	}
}

static void operand(enum form form, const char *what)
{
	switch (form) {
	case NUMBER:
		number(strtoll(what, NULL, 10));
		break;
	case STRING:
		string(what);
		break;
	case SID:
		sid(what);
		break;
	case OCTETS:
		counted(CONDITION_OCTETS, what, strlen(what));
		break;
	case ATTRIBUTE:
		user(what);
		break;
	default:
		set_open();
		elements(form, what);
		set_close();
		break;
	}
}

static enum condition_value relation(const char *left, uint8_t token, enum form form,
				     const char *right)
{
	start();
	user(left);
	operand(form, right);
	op(token);
	return value();
}

struct relation_case {
	const char *left;
	enum form form;
	const char *right;
	enum condition_value equal, less, contains, any_of;
};

static enum condition_value inverse(enum condition_value value)
{
	return value == U ? U : value == T ? F : T;
}

/* All ten operators, from what four of them say; at most one of <, == and > is true. */
static void check_relations(const struct relation_case *one)
{
	static const uint8_t inverses[][2] = {
		{CONDITION_EQUAL, CONDITION_NOT_EQUAL},
		{CONDITION_LESS, CONDITION_GREATER_EQUAL},
		{CONDITION_GREATER, CONDITION_LESS_EQUAL},
		{CONDITION_CONTAINS, CONDITION_NOT_CONTAINS},
		{CONDITION_ANY_OF, CONDITION_NOT_ANY_OF},
	};
	enum condition_value greater = one->less == U                      ? U
				       : one->less == F && one->equal == F ? T
									   : F;
	const enum condition_value expected[] = {one->equal, one->less, greater, one->contains,
						 one->any_of};
	for (size_t i = 0; i < COUNT(inverses); i++) {
		enum condition_value is =
			relation(one->left, inverses[i][0], one->form, one->right);
		enum condition_value is_not =
			relation(one->left, inverses[i][1], one->form, one->right);
		ck_assert_msg(is == expected[i] && is_not == inverse(expected[i]),
			      "%s %#x %s: %d and %d", one->left, inverses[i][0], one->right, is,
			      is_not);
	}
}

static void check_all(const struct relation_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_relations(&cases[i]);
}

START_TEST(numbers_compare_as_numbers_whatever_their_type)
{
	static const struct relation_case cases[] = {
		{"five", NUMBER, "5", T, F, T, T},
		{"five", NUMBER, "6", F, T, F, F},
		{"five", NUMBER, "-6", F, F, F, F},
		{"ufive", NUMBER, "5", T, F, T, T},
		{"ufive", NUMBER, "-5", F, F, F, F},
		{"minus", NUMBER, "-1", T, F, T, T},
		{"minus", NUMBER, "-2", F, F, F, F},
		{"minus", NUMBER, "0", F, T, F, F},
		{"huge", NUMBER, "-1", F, F, F, F},
		{"huge", NUMBER, "9223372036854775807", F, F, F, F},
		{"five", ATTRIBUTE, "ufive", T, F, T, T},
		{"ufive", ATTRIBUTE, "five", T, F, T, T},
		{"minus", ATTRIBUTE, "huge", F, T, F, F},
		{"huge", ATTRIBUTE, "minus", F, F, F, F},
		{"minus", ATTRIBUTE, "five", F, T, F, F},
		{"yes", NUMBER, "1", T, F, T, T},
		{"yes", NUMBER, "0", F, F, F, F},
		{"no", NUMBER, "0", T, F, T, T},
		{"no", ATTRIBUTE, "zero", T, F, T, T},
		{"zero", ATTRIBUTE, "yes", F, T, F, F},
		{"five", ATTRIBUTE, "yes", F, F, F, F},
	};
	check_all(cases, COUNT(cases));
}
END_TEST

START_TEST(a_number_is_negative_if_its_text_is)
{
	static const struct {
		uint8_t sign, base;
		bool negative;
	} cases[] = {
		{CONDITION_SIGN_NONE, CONDITION_HEXADECIMAL, false},
		{CONDITION_SIGN_NONE, CONDITION_OCTAL, false},
		{CONDITION_SIGN_NONE, CONDITION_DECIMAL, true},
		{CONDITION_SIGN_MINUS, CONDITION_HEXADECIMAL, true},
		{CONDITION_SIGN_MINUS, CONDITION_DECIMAL, true},
		{CONDITION_SIGN_PLUS, CONDITION_DECIMAL, false},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		start();
		user("minus");
		number_signed(UINT64_MAX, cases[i].sign);
		code.bytes[code.size - 1] = cases[i].base;
		op(CONDITION_EQUAL);
		ck_assert_int_eq(value(), cases[i].negative ? T : F);
		start();
		user("huge");
		number_signed(UINT64_MAX, cases[i].sign);
		code.bytes[code.size - 1] = cases[i].base;
		op(CONDITION_EQUAL);
		ck_assert_int_eq(value(), cases[i].negative ? F : T);
	}
}
END_TEST

START_TEST(every_width_of_integers_is_the_same)
{
	for (uint8_t width = CONDITION_INT8; width <= CONDITION_INT64; width++) {
		start();
		user("five");
		size_t at = code.size;
		number(5);
		code.bytes[at] = width;
		op(CONDITION_EQUAL);
		ck_assert_int_eq(value(), T);
	}
}
END_TEST

START_TEST(strings_compare_without_regard_to_case_unless_either_side_says_so)
{
	static const struct relation_case cases[] = {
		{"title", STRING, "PM", T, F, T, T},       {"title", STRING, "pm", T, F, T, T},
		{"title", STRING, "p", F, F, F, F},        {"title", STRING, "pmx", F, T, F, F},
		{"title", STRING, "engineer", F, F, F, F}, {"title", STRING, "Vp", F, T, F, F},
		{"title", STRING, "", F, F, F, F},         {"empty", STRING, "", T, F, T, T},
		{"exact", STRING, "PM", T, F, T, T},       {"exact", STRING, "pm", F, T, F, F},
		{"exact", ATTRIBUTE, "title", T, F, T, T},
	};
	check_all(cases, COUNT(cases));
	/* the resource's is "pm" */
	start();
	text(CONDITION_RESOURCE, "title");
	user("exact");
	op(CONDITION_EQUAL);
	ck_assert_int_eq(value(), F);
	start();
	text(CONDITION_RESOURCE, "title");
	user("title");
	op(CONDITION_EQUAL);
	ck_assert_int_eq(value(), T);
}
END_TEST

START_TEST(octets_compare_byte_by_byte_and_sids_only_for_equality)
{
	static const struct relation_case cases[] = {
		{"blob", OCTETS, "\1\2", T, F, T, T},     {"blob", OCTETS, "\1\2\3", F, T, F, F},
		{"blob", OCTETS, "\1", F, F, F, F},       {"blob", OCTETS, "\2", F, T, F, F},
		{"blob", OCTETS, "\1\1\xff", F, F, F, F}, {"home", SID, ENABLED, T, U, T, T},
		{"home", SID, STRANGER, F, U, F, F},      {"home", ATTRIBUTE, "home", T, U, T, T},
	};
	check_all(cases, COUNT(cases));
}
END_TEST

START_TEST(values_of_other_types_cannot_be_compared)
{
	static const char *const lefts[] = {"five", "ufive", "yes",   "title", "blob",
					    "home", "some",  "teams", "homes"};
	static const char classes[] = "nnnsoOnsO";
	static const struct {
		enum form form;
		const char *what;
		char class;
	} rights[] = {
		{NUMBER, "5", 'n'},        {STRING, "5", 's'},       {OCTETS, "5", 'o'},
		{SID, STRANGER, 'O'},      {ATTRIBUTE, "five", 'n'}, {ATTRIBUTE, "title", 's'},
		{ATTRIBUTE, "blob", 'o'},  {ATTRIBUTE, "home", 'O'}, {NUMBERS, "5 6", 'n'},
		{STRINGS, "a b", 's'},     {SIDS, STRANGER, 'O'},    {MIXED, "5 a", 'x'},
		{MIXED, "a 5", 'x'},       {ATTRIBUTE, "some", 'n'}, {ATTRIBUTE, "teams", 's'},
		{ATTRIBUTE, "homes", 'O'},
	};
	for (size_t i = 0; i < COUNT(lefts); i++) {
		for (size_t k = 0; k < COUNT(rights); k++) {
			struct relation_case one = {
				lefts[i], rights[k].form, rights[k].what, U, U, U, U};
			if (classes[i] != rights[k].class)
				check_relations(&one);
			else
				ck_assert_int_ne(relation(lefts[i], CONDITION_ANY_OF,
							  rights[k].form, rights[k].what),
						 U);
		}
	}
}
END_TEST

START_TEST(sets_are_equal_in_any_order_and_contain_or_overlap)
{
	static const struct relation_case cases[] = {
		{"some", NUMBERS, "3 2 1", T, U, T, T},
		{"some", NUMBERS, "3 2 1 2 1", T, U, T, T},
		{"some", NUMBERS, "1 2", F, U, T, T},
		{"some", NUMBERS, "1 4", F, U, F, T},
		{"some", NUMBERS, "4", F, U, F, F},
		{"some", NUMBERS, "1 2 3 4", F, U, F, T},
		{"some", ATTRIBUTE, "usome", T, U, T, T},
		{"teams", STRINGS, "BLUE green Red", T, U, T, T},
		{"teams", STRINGS, "BLUE", F, U, T, T},
		{"teams", STRINGS, "BLUE black", F, U, F, T},
		{"homes", SIDS, STRANGER " " ENABLED, T, U, T, T},
		{"homes", SIDS, STRANGER " " USER, F, U, F, T},
		{"homes", ATTRIBUTE, "homes", T, U, T, T},
	};
	check_all(cases, COUNT(cases));
}
END_TEST

START_TEST(a_single_value_and_a_set_have_overlap_but_no_equality)
{
	static const struct relation_case cases[] = {
		{"five", NUMBERS, "5", U, U, T, T},      {"five", NUMBERS, "5 5", U, U, T, T},
		{"five", NUMBERS, "5 6", U, U, F, T},    {"five", NUMBERS, "6", U, U, F, F},
		{"some", NUMBER, "1", U, U, T, T},       {"some", NUMBER, "4", U, U, F, F},
		{"some", ATTRIBUTE, "five", U, U, F, F}, {"five", ATTRIBUTE, "some", U, U, F, F},
		{"homes", SID, ENABLED, U, U, T, T},     {"title", STRINGS, "vp pm", U, U, F, T},
	};
	check_all(cases, COUNT(cases));
}
END_TEST

START_TEST(of_an_empty_set_one_cannot_say_that_it_is_contained)
{
	static const struct relation_case cases[] = {
		{"some", NOTHING, "", F, U, U, U},
		{"five", NOTHING, "", U, U, U, U},
	};
	check_all(cases, COUNT(cases));
}
END_TEST

/* A set of @count numbers from @first, in a big composite. */
static void many(size_t first, size_t count)
{
	set_open();
	for (size_t i = 0; i < count; i++)
		number((int64_t)(first + i));
	set_close();
}

static void give_many(const char *name, size_t first, size_t count)
{
	struct attribute attribute = make(name, CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64, 0, count);
	for (size_t i = 0; i < count; i++)
		attribute.values[i].number = first + count - 1 - i;
	ck_assert_int_eq(attribute_list_append(&resource, &attribute), SD_OK);
	attribute_clear(&attribute);
}

static enum condition_value many_relate(uint8_t token, size_t first, size_t count)
{
	start();
	text(CONDITION_RESOURCE, "many");
	many(first, count);
	op(token);
	return value();
}

START_TEST(big_sets_compare_as_small_ones)
{
	give_many("many", 100, 4000);
	ck_assert_int_eq(many_relate(CONDITION_EQUAL, 100, 4000), T);
	ck_assert_int_eq(many_relate(CONDITION_EQUAL, 100, 3999), F);
	ck_assert_int_eq(many_relate(CONDITION_EQUAL, 101, 4000), F);
	ck_assert_int_eq(many_relate(CONDITION_CONTAINS, 100, 4000), T);
	ck_assert_int_eq(many_relate(CONDITION_CONTAINS, 2000, 2000), T);
	ck_assert_int_eq(many_relate(CONDITION_CONTAINS, 2000, 2101), F);
	ck_assert_int_eq(many_relate(CONDITION_ANY_OF, 4099, 4000), T);
	ck_assert_int_eq(many_relate(CONDITION_ANY_OF, 4100, 4000), F);
	ck_assert_int_eq(many_relate(CONDITION_NOT_ANY_OF, 4100, 4000), T);
}
END_TEST

START_TEST(a_big_set_with_a_value_twice_is_missing)
{
	give_many("many", 100, 4000);
	resource.items[1].values[17].number = resource.items[1].values[3990].number;
	ck_assert_int_eq(many_relate(CONDITION_ANY_OF, 100, 4000), U);
}
END_TEST

START_TEST(what_takes_too_long_is_unknown_within_milliseconds)
{
	struct timespec before, after;
	give_many("many", 100, 4000);
	start();
	text(CONDITION_RESOURCE, "many");
	text(CONDITION_RESOURCE, "many");
	op(CONDITION_EQUAL);
	ck_assert_int_eq(value(), T);
	while (code.size < CONDITION_MAX_SIZE - 64) {
		text(CONDITION_RESOURCE, "many");
		text(CONDITION_RESOURCE, "many");
		op(CONDITION_EQUAL);
		op(CONDITION_OR);
	}
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	ck_assert_int_eq(value(), U);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	/* generous: a sanitizer is slow */
	ck_assert_int_lt((after.tv_sec - before.tv_sec) * 1000 +
				 (after.tv_nsec - before.tv_nsec) / 1000000,
			 500);
}
END_TEST

START_TEST(a_missing_attribute_makes_relations_unknown)
{
	static const char *const missing[] = {"nobody", "off", "denying", "none", "same", "twice"};
	for (size_t i = 0; i < COUNT(missing); i++) {
		struct relation_case left = {missing[i], STRING, "PM", U, U, U, U};
		struct relation_case right = {"title", ATTRIBUTE, missing[i], U, U, U, U};
		check_relations(&left);
		check_relations(&right);
	}
}
END_TEST

static enum condition_value exists(uint8_t attribute, const char *name, uint8_t token)
{
	start();
	text(attribute, name);
	op(token);
	return value();
}

START_TEST(exists_tells_whether_an_attribute_is_there)
{
	static const struct {
		uint8_t attribute;
		const char *name;
		enum condition_value value;
	} cases[] = {
		{CONDITION_LOCAL, "here", T},    {CONDITION_LOCAL, "HERE", T},
		{CONDITION_LOCAL, "title", F},   {CONDITION_RESOURCE, "title", T},
		{CONDITION_RESOURCE, "five", F},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(exists(cases[i].attribute, cases[i].name, CONDITION_EXISTS),
				 cases[i].value);
		ck_assert_int_eq(exists(cases[i].attribute, cases[i].name, CONDITION_NOT_EXISTS),
				 inverse(cases[i].value));
	}
	context.resource = NULL;
	ck_assert_int_eq(exists(CONDITION_RESOURCE, "title", CONDITION_EXISTS), F);
}
END_TEST

START_TEST(to_ask_whether_a_claim_exists_is_an_error)
{
	static const uint8_t operators[] = {CONDITION_EXISTS, CONDITION_NOT_EXISTS};
	for (size_t i = 0; i < COUNT(operators); i++) {
		ck_assert_int_eq(exists(CONDITION_USER, "title", operators[i]), U);
		ck_assert_int_eq(exists(CONDITION_USER, "nobody", operators[i]), U);
		ck_assert_int_eq(exists(CONDITION_DEVICE, "lock", operators[i]), U);
	}
	start();
	text(CONDITION_RESOURCE, "title");
	op(CONDITION_EXISTS);
	user("title");
	op(CONDITION_EXISTS);
	op(CONDITION_OR);
	ck_assert_int_eq(value(), U);
}
END_TEST

START_TEST(claims_for_deny_only_count_for_deny_only)
{
	ck_assert_int_eq(relation("denying", CONDITION_EQUAL, STRING, "PM"), U);
	context.deny = true;
	ck_assert_int_eq(relation("denying", CONDITION_EQUAL, STRING, "PM"), T);
	ck_assert_int_eq(relation("off", CONDITION_EQUAL, STRING, "PM"), U);
}
END_TEST

static enum condition_value member(uint8_t token, const char *who)
{
	start();
	operand(SIDS, who);
	op(token);
	return value();
}

/* The plain operator and its inverse. */
static void ck_member(uint8_t token, const char *who, enum condition_value expected)
{
	static const uint8_t inverses[][2] = {
		{CONDITION_MEMBER_OF, CONDITION_NOT_MEMBER_OF},
		{CONDITION_MEMBER_OF_ANY, CONDITION_NOT_MEMBER_OF_ANY},
		{CONDITION_DEVICE_MEMBER_OF, CONDITION_NOT_DEVICE_MEMBER_OF},
		{CONDITION_DEVICE_MEMBER_OF_ANY, CONDITION_NOT_DEVICE_MEMBER_OF_ANY},
	};
	ck_assert_int_eq(member(token, who), expected);
	for (size_t i = 0; i < COUNT(inverses); i++) {
		if (inverses[i][0] == token)
			ck_assert_int_eq(member(inverses[i][1], who), inverse(expected));
	}
}

START_TEST(member_of_wants_all_sids_and_member_of_any_wants_one)
{
	ck_member(CONDITION_MEMBER_OF, USER, T);
	ck_member(CONDITION_MEMBER_OF, USER " " ENABLED, T);
	ck_member(CONDITION_MEMBER_OF, USER " " STRANGER, F);
	ck_member(CONDITION_MEMBER_OF, STRANGER " " USER, F);
	ck_member(CONDITION_MEMBER_OF_ANY, USER " " STRANGER, T);
	ck_member(CONDITION_MEMBER_OF_ANY, STRANGER " " USER, T);
	ck_member(CONDITION_MEMBER_OF_ANY, STRANGER " " DEVICE, F);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE, T);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE " " ENABLED, F);
	ck_member(CONDITION_DEVICE_MEMBER_OF_ANY, DEVICE " " ENABLED, T);
	ck_member(CONDITION_DEVICE_MEMBER_OF_ANY, ENABLED " " USER, F);
}
END_TEST

START_TEST(a_single_sid_needs_no_braces)
{
	static const char *const who[] = {ENABLED, STRANGER};
	for (size_t i = 0; i < COUNT(who); i++) {
		for (uint8_t token = 0x89; token <= 0x93; token++) {
			if (!condition_is_membership(token))
				continue;
			start();
			sid(who[i]);
			op(token);
			ck_assert_int_eq(value(), member(token, who[i]));
		}
	}
}
END_TEST

START_TEST(deny_only_groups_belong_in_deny_aces_only)
{
	ck_member(CONDITION_MEMBER_OF, DENY_ONLY, F);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE_DENY_ONLY, F);
	context.deny = true;
	ck_member(CONDITION_MEMBER_OF, DENY_ONLY, T);
	ck_member(CONDITION_MEMBER_OF, ENABLED, T);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE_DENY_ONLY, T);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE, T);
}
END_TEST

START_TEST(the_restricted_pass_asks_the_restricting_sids)
{
	ck_member(CONDITION_MEMBER_OF, RESTRICTING, F);
	context.restricted = true;
	ck_member(CONDITION_MEMBER_OF, RESTRICTING, T);
	ck_member(CONDITION_MEMBER_OF, ENABLED, F);
	ck_member(CONDITION_DEVICE_MEMBER_OF, DEVICE, T);
	context.deny = true;
	ck_member(CONDITION_MEMBER_OF, RESTRICTING, T);
	ck_member(CONDITION_MEMBER_OF, ENABLED, F);
}
END_TEST

START_TEST(membership_of_no_sids_or_of_other_values_is_unknown)
{
	for (uint8_t token = 0x89; token <= 0x93; token++) {
		if (!condition_is_membership(token))
			continue;
		ck_assert_int_eq(member(token, ""), U);
		start();
		operand(NUMBERS, "1 2");
		op(token);
		ck_assert_int_eq(value(), U);
		start();
		set_open();
		sid(USER);
		string("x");
		set_close();
		op(token);
		ck_assert_int_eq(value(), U);
	}
}
END_TEST

/* Something with the value @value. */
static void push(enum condition_value value)
{
	if (value == U) {
		user("nobody");
		number(1);
		op(CONDITION_EQUAL);
		return;
	}
	text(CONDITION_RESOURCE, "title");
	op(value == T ? CONDITION_EXISTS : CONDITION_NOT_EXISTS);
}

static enum condition_value join(enum condition_value a, enum condition_value b, uint8_t token)
{
	start();
	push(a);
	push(b);
	op(token);
	return value();
}

START_TEST(and_or_and_not_have_three_values)
{
	/* in the order FALSE, TRUE, UNKNOWN */
	static const enum condition_value and[3][3] = {{F, F, F}, {F, T, U}, {F, U, U}};
	static const enum condition_value or [3][3] = {{F, T, U}, {T, T, T}, {U, T, U}};
	for (unsigned int a = 0; a < 3; a++) {
		for (unsigned int b = 0; b < 3; b++) {
			ck_assert_int_eq(join(a, b, CONDITION_AND), and[a][b]);
			ck_assert_int_eq(join(a, b, CONDITION_OR), or [a][b]);
		}
		start();
		push(a);
		op(CONDITION_NOT);
		ck_assert_int_eq(value(), inverse(a));
	}
}
END_TEST

START_TEST(an_error_makes_the_whole_expression_unknown)
{
	start();
	push(T);
	user("title");
	number(1);
	op(CONDITION_EQUAL);
	op(CONDITION_OR);
	ck_assert_int_eq(value(), U);
	start();
	push(F);
	user("some");
	number(1);
	op(CONDITION_LESS);
	op(CONDITION_AND);
	ck_assert_int_eq(value(), U);
}
END_TEST

START_TEST(an_attribute_alone_has_a_truth_of_its_own)
{
	static const struct {
		const char *name;
		enum condition_value value;
	} cases[] = {
		{"five", T},  {"zero", F}, {"yes", T},    {"no", F},   {"minus", T}, {"title", T},
		{"empty", F}, {"some", U}, {"nobody", U}, {"blob", U}, {"home", U},  {"teams", U},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		start();
		user(cases[i].name);
		ck_assert_int_eq(value(), cases[i].value);
		op(CONDITION_NOT);
		ck_assert_int_eq(value(), inverse(cases[i].value));
		start();
		user(cases[i].name);
		push(T);
		op(CONDITION_AND);
		ck_assert_int_eq(value(), cases[i].value);
		start();
		push(F);
		user(cases[i].name);
		op(CONDITION_OR);
		ck_assert_int_eq(value(), cases[i].value);
	}
}
END_TEST

START_TEST(padding_is_zero_and_at_the_end)
{
	start();
	push(T);
	for (size_t i = 0; i < 8; i++)
		op(CONDITION_PADDING);
	ck_assert_int_eq(value(), T);
	op(1);
	ck_invalid();
	start();
	op(CONDITION_PADDING);
	push(T);
	ck_invalid();
}
END_TEST

START_TEST(an_expression_has_one_result)
{
	start();
	ck_invalid();
	push(T);
	push(T);
	ck_invalid();
	start();
	number(1);
	ck_invalid();
	start();
	sid(USER);
	ck_invalid();
	start();
	operand(SIDS, USER);
	ck_invalid();
}
END_TEST

START_TEST(operators_want_operands_of_their_kind)
{
	static const uint8_t unary[] = {CONDITION_NOT, CONDITION_EXISTS, CONDITION_NOT_EXISTS,
					CONDITION_MEMBER_OF};
	static const uint8_t binary[] = {CONDITION_AND, CONDITION_OR, CONDITION_EQUAL,
					 CONDITION_CONTAINS};
	for (size_t i = 0; i < COUNT(unary); i++) {
		start();
		op(unary[i]);
		ck_invalid();
		start();
		number(1);
		op(unary[i]);
		ck_invalid();
	}
	for (size_t i = 0; i < COUNT(binary); i++) {
		start();
		user("five");
		op(binary[i]);
		ck_invalid();
		start();
		number(5);
		user("five");
		op(binary[i]);
		ck_invalid();
		start();
		operand(NUMBERS, "5");
		number(5);
		op(binary[i]);
		ck_invalid();
	}
	/* a result is no operand of a relation, of Exists or of Member_of; a literal is none of AND
	 */
	start();
	user("five");
	push(T);
	op(CONDITION_EQUAL);
	ck_invalid();
	start();
	push(T);
	op(CONDITION_EXISTS);
	ck_invalid();
	start();
	push(T);
	op(CONDITION_MEMBER_OF);
	ck_invalid();
	start();
	user("five");
	op(CONDITION_MEMBER_OF);
	ck_invalid();
	start();
	push(T);
	number(1);
	op(CONDITION_AND);
	ck_invalid();
}
END_TEST

START_TEST(only_known_tokens_are_tokens)
{
	for (unsigned int token = 1; token <= 0xff; token++) {
		start();
		push(T);
		push(T);
		op((uint8_t)token);
		if (token == CONDITION_AND || token == CONDITION_OR)
			ck_assert_int_eq(value(), T);
		else
			ck_invalid();
	}
}
END_TEST

START_TEST(literals_are_well_formed)
{
	static const uint8_t odd[] = {'x', 0, 'y'};
	uint8_t bytes[SID_MAX_SIZE + 1] = {0};
	struct sid everyone = sid_everyone;
	size_t size = sid_write(&everyone, bytes);
	/* strings and names have whole units, names at least one */
	start();
	user("title");
	counted(CONDITION_STRING, odd, 3);
	op(CONDITION_EQUAL);
	ck_invalid();
	start();
	counted(CONDITION_USER, odd, 3);
	ck_invalid();
	start();
	counted(CONDITION_USER, odd, 0);
	ck_invalid();
	/* a SID fills its token */
	for (size_t length = 0; length <= size + 1; length++) {
		start();
		counted(CONDITION_SID, bytes, length);
		op(CONDITION_MEMBER_OF);
		if (length == size)
			ck_assert_int_eq(value(), F);
		else
			ck_invalid();
	}
	/* signs and bases */
	for (unsigned int i = 0; i < 6; i++) {
		start();
		user("five");
		number(5);
		code.bytes[code.size - 1] = (uint8_t)i;
		op(CONDITION_EQUAL);
		ck_assert_int_eq(condition_valid(code.bytes, code.size), i >= 1 && i <= 3);
		start();
		user("five");
		number(5);
		code.bytes[code.size - 2] = (uint8_t)i;
		op(CONDITION_EQUAL);
		ck_assert_int_eq(condition_valid(code.bytes, code.size), i >= 1 && i <= 3);
	}
}
END_TEST

START_TEST(composites_hold_simple_literals_only)
{
	start();
	user("some");
	set_open();
	size_t outer = code.open;
	set_open();
	number(1);
	set_close();
	code.open = outer;
	set_close();
	op(CONDITION_CONTAINS);
	ck_invalid();
	start();
	user("some");
	set_open();
	user("five");
	set_close();
	op(CONDITION_CONTAINS);
	ck_invalid();
	start();
	user("some");
	set_open();
	number(1);
	op(CONDITION_PADDING);
	set_close();
	op(CONDITION_CONTAINS);
	ck_invalid();
}
END_TEST

START_TEST(a_composite_has_so_many_values_and_no_more)
{
	give_many("many", 0, 1);
	ck_assert_int_eq(many_relate(CONDITION_ANY_OF, 0, CONDITION_MAX_VALUES), T);
	start();
	text(CONDITION_RESOURCE, "many");
	many(0, CONDITION_MAX_VALUES + 1);
	op(CONDITION_ANY_OF);
	ck_invalid();
}
END_TEST

START_TEST(so_many_operands_wait_and_no_more)
{
	for (size_t depth = CONDITION_MAX_DEPTH - 1; depth <= CONDITION_MAX_DEPTH + 1; depth++) {
		start();
		for (size_t i = 0; i < depth; i++)
			user("five");
		for (size_t i = 1; i < depth; i++)
			op(CONDITION_AND);
		if (depth <= CONDITION_MAX_DEPTH)
			ck_assert_int_eq(value(), T);
		else
			ck_invalid();
	}
}
END_TEST

START_TEST(an_expression_is_so_long_and_no_longer)
{
	start();
	user("five");
	while (code.size < CONDITION_MAX_SIZE)
		op(CONDITION_PADDING);
	ck_assert_int_eq(value(), T);
	op(CONDITION_PADDING);
	ck_invalid();
}
END_TEST

/* One of each token. */
static void build_all(void)
{
	start();
	user("five");
	number(5);
	op(CONDITION_EQUAL);
	text(CONDITION_RESOURCE, "title");
	set_open();
	string("pm");
	string("vp");
	set_close();
	op(CONDITION_ANY_OF);
	op(CONDITION_AND);
	text(CONDITION_LOCAL, "here");
	op(CONDITION_EXISTS);
	op(CONDITION_AND);
	user("blob");
	counted(CONDITION_OCTETS, "\1\2", 2);
	op(CONDITION_GREATER_EQUAL);
	op(CONDITION_AND);
	operand(SIDS, ENABLED " " USER);
	op(CONDITION_MEMBER_OF);
	op(CONDITION_AND);
	user("homes");
	sid(ENABLED);
	op(CONDITION_CONTAINS);
	text(CONDITION_LOCAL, "here");
	op(CONDITION_NOT);
	op(CONDITION_OR);
	op(CONDITION_AND);
}

START_TEST(hostile_bytes_are_unknown_never_overrun)
{
	build_all();
	ck_assert_int_eq(value(), T);
	for (size_t cut = 0; cut < code.size; cut++) {
		/* what ends in a whole expression is one */
		if (!condition_valid(code.bytes, cut))
			ck_assert_int_eq(value_of(code.bytes, cut), U);
		value_of(code.bytes, cut);
	}
	for (size_t at = 0; at < code.size; at++) {
		uint8_t old = code.bytes[at];
		for (unsigned int byte = 0; byte <= 0xff; byte++) {
			code.bytes[at] = (uint8_t)byte;
			value_of(code.bytes, code.size);
		}
		code.bytes[at] = old;
	}
	for (size_t at = 0; at < CONDITION_SIGNATURE_SIZE; at++) {
		code.bytes[at] ^= 0x20;
		ck_invalid();
		code.bytes[at] ^= 0x20;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("condition");
	TCase *tests = tcase_create("condition");
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, numbers_compare_as_numbers_whatever_their_type);
	tcase_add_test(tests, a_number_is_negative_if_its_text_is);
	tcase_add_test(tests, every_width_of_integers_is_the_same);
	tcase_add_test(tests, strings_compare_without_regard_to_case_unless_either_side_says_so);
	tcase_add_test(tests, octets_compare_byte_by_byte_and_sids_only_for_equality);
	tcase_add_test(tests, values_of_other_types_cannot_be_compared);
	tcase_add_test(tests, sets_are_equal_in_any_order_and_contain_or_overlap);
	tcase_add_test(tests, a_single_value_and_a_set_have_overlap_but_no_equality);
	tcase_add_test(tests, of_an_empty_set_one_cannot_say_that_it_is_contained);
	tcase_add_test(tests, big_sets_compare_as_small_ones);
	tcase_add_test(tests, a_big_set_with_a_value_twice_is_missing);
	tcase_add_test(tests, what_takes_too_long_is_unknown_within_milliseconds);
	tcase_add_test(tests, a_missing_attribute_makes_relations_unknown);
	tcase_add_test(tests, exists_tells_whether_an_attribute_is_there);
	tcase_add_test(tests, to_ask_whether_a_claim_exists_is_an_error);
	tcase_add_test(tests, claims_for_deny_only_count_for_deny_only);
	tcase_add_test(tests, member_of_wants_all_sids_and_member_of_any_wants_one);
	tcase_add_test(tests, a_single_sid_needs_no_braces);
	tcase_add_test(tests, deny_only_groups_belong_in_deny_aces_only);
	tcase_add_test(tests, the_restricted_pass_asks_the_restricting_sids);
	tcase_add_test(tests, membership_of_no_sids_or_of_other_values_is_unknown);
	tcase_add_test(tests, and_or_and_not_have_three_values);
	tcase_add_test(tests, an_error_makes_the_whole_expression_unknown);
	tcase_add_test(tests, an_attribute_alone_has_a_truth_of_its_own);
	tcase_add_test(tests, padding_is_zero_and_at_the_end);
	tcase_add_test(tests, an_expression_has_one_result);
	tcase_add_test(tests, operators_want_operands_of_their_kind);
	tcase_add_test(tests, only_known_tokens_are_tokens);
	tcase_add_test(tests, literals_are_well_formed);
	tcase_add_test(tests, composites_hold_simple_literals_only);
	tcase_add_test(tests, a_composite_has_so_many_values_and_no_more);
	tcase_add_test(tests, so_many_operands_wait_and_no_more);
	tcase_add_test(tests, an_expression_is_so_long_and_no_longer);
	tcase_add_test(tests, hostile_bytes_are_unknown_never_overrun);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
