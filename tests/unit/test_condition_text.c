/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of conditions and resource attributes: what is read, what is written, where faults are.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/attribute.h"
#include "acl/condition.h"

static struct sid domain(void)
{
	struct sid sid;
	ck_assert(sid_parse("S-1-5-21-1-2-3", &sid, NULL));
	return sid;
}

/* Reads all of @text; the caller frees *@bytes. */
static void read_condition(const char *text, uint8_t **bytes, size_t *size)
{
	struct sid home = domain();
	const char *end = NULL;
	const char *expected = "?";
	enum sd_error error = condition_read_text(text, &home, bytes, size, &end, &expected);
	ck_assert_msg(error == SD_OK, "%s: %s at %s", text, expected, end ? end : "?");
	ck_assert_msg(!*end, "%s: ends at %s", text, end);
}

/* The text of what @text says; the caller frees it. */
static char *rewrite(const char *text)
{
	struct sid home = domain();
	uint8_t *bytes, *again;
	size_t size, again_size;
	char *written = NULL;
	read_condition(text, &bytes, &size);
	ck_assert_msg(condition_valid(bytes, size), "%s", text);
	ck_assert_uint_eq(size % 4, 0);
	ck_assert_msg(condition_write_text(bytes, size, &home, &written) == SD_OK, "%s", text);
	read_condition(written, &again, &again_size);
	ck_assert_uint_eq(size, again_size);
	ck_assert_mem_eq(bytes, again, size);
	free(bytes);
	free(again);
	return written;
}

static const struct {
	const char *text;
	const char *canonical; /* NULL: the same */
} good[] = {
	{"(a)", NULL},
	{"( ( a ) )", "(a)"},
	{"(Exists WIN://SYSAPPID)", NULL},
	{"(exists a)", "(Exists a)"},
	{"(NOT_EXISTS @user.a)", "(Not_Exists @USER.a)"},
	{"(Exists Exists)", NULL},
	{"(Contains Contains \"x\")", NULL},
	{"(a@b == 1)", NULL},
	{"(17 == 17)", NULL},
	{"(@uSeR.a==@DeVice.b)", "(@USER.a == @DEVICE.b)"},
	{"(a\v<\f5)", "(a < 5)"},
	{"(a<=5)", "(a <= 5)"},
	{"(a>=\n5)", "(a >= 5)"},
	{"(a>5)", "(a > 5)"},
	{"(a!=5)", "(a != 5)"},
	{"(a contains 5)", "(a Contains 5)"},
	{"(a ANY_OF {5,\"x\" , #0f,SID(BA)})", "(a Any_of {5, \"x\", #0F, SID(BA)})"},
	{"(a Not_Contains {})", NULL},
	{"(a not_any_of {5})", "(a Not_Any_of {5})"},
	{"(a == #1#2#3#)", "(a == #102030)"},
	{"(a == #)", NULL},
	{"(a == (\"x\"))", "(a == \"x\")"},
	/* integers: the sign and the base stay */
	{"(a == +5)", NULL},
	{"(a == -5)", NULL},
	{"(a == -0)", NULL},
	{"(a == 0)", NULL},
	{"(a == 00)", NULL},
	{"(a == 0x0)", NULL},
	{"(a == 0X1F)", "(a == 0x1f)"},
	{"(a == -0x1f)", NULL},
	{"(a == +017)", NULL},
	{"(a == 9223372036854775807)", NULL},
	{"(a == -9223372036854775808)", NULL},
	{"(a == -0x8000000000000000)", NULL},
	{"(a == -01000000000000000000000)", NULL},
	{"(a == 0xffffffffffffffff)", NULL},
	{"(a == 01777777777777777777777)", NULL},
	/* memberships */
	{"(Member_of{SID(BA)})", "(Member_of {SID(BA)})"},
	{"(member_of(sid(ba)))", "(Member_of SID(BA))"},
	{"(Member_of({SID(BA)}))", "(Member_of {SID(BA)})"},
	{"(Member_of {1, 2})", NULL},
	{"(Member_of_Any SID(s-1-1-0))", "(Member_of_any SID(WD))"},
	{"(Device_Member_of SID(DA))", NULL},
	{"(Device_Member_of_any {SID(BA), SID(BG)})", "(Device_Member_of_Any {SID(BA), SID(BG)})"},
	{"(Not_Member_of SID(BA))", NULL},
	{"(Not_Member_of_Any SID(BA))", NULL},
	{"(Not_Device_Member_of SID(BA))", NULL},
	{"(Not_Device_Member_of_Any SID(BA))", NULL},
	/* names and strings */
	{"(@User.a%0020b == 1)", "(@USER.a%0020b == 1)"},
	{"(@User.Ü == 1)", "(@USER.%00dc == 1)"},
	{"(@User.\U0001f600)", "(@USER.%d83d%de00)"},
	{"(@User.%D800)", "(@USER.%d800)"},
	{"(@User.a,b)", "(@USER.a%002cb)"},
	{"(@User.#$'*+-;?@[\\]^_`{}~:./)", "(@USER.#$'*+-;?@[\\]^_`{}~:./)"},
	{"(a == \"Ü\U0001f600 ();%0041\n\")", NULL},
	{"(a == \"\")", NULL},
	/* precedence, and grouping to the left */
	{"(a||b&&c)", "((a) || ((b) && (c)))"},
	{"(a&&b||c)", "(((a) && (b)) || (c))"},
	{"(a||b||c)", "(((a) || (b)) || (c))"},
	{"(a||(b||c))", "((a) || ((b) || (c)))"},
	{"(a&&b&&c)", "(((a) && (b)) && (c))"},
	{"(a&&(b||c))", "((a) && ((b) || (c)))"},
	{"(! (a) && b)", "((!(a)) && (b))"},
	{"(!(a&&b))", "(!((a) && (b)))"},
	{"(!(!(Exists a)))", "(!(!(Exists a)))"},
	{"(!@User.a == 1)", "(!(@USER.a == 1))"},
	{"(a == 1 && Member_of SID(BA))", "((a == 1) && (Member_of SID(BA)))"},
};

/* Each text is written as its canonical form, which says the same. */
START_TEST(conditions_are_written_as_windows_writes_them)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *written = rewrite(good[i].text);
		ck_assert_str_eq(written, good[i].canonical ? good[i].canonical : good[i].text);
		free(written);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t offset;
	const char *expected;
} bad[] = {
	{"", 0, "parentheses"},
	{"a", 0, "parentheses"},
	{"()", 1, "an attribute"},
	{"(", 1, "an attribute"},
	{"(a", 2, "')'"},
	{"(a b)", 3, "an operator"},
	{"(a = 1)", 3, "an operator"},
	{"(a === 1)", 5, "an attribute with a prefix"},
	{"(a & b)", 3, "'&&'"},
	{"(a | b)", 3, "'||'"},
	{"(a &&)", 5, "an attribute"},
	{"(a == )", 6, "an attribute with a prefix"},
	{"(a == a)", 6, "an attribute with a prefix"},
	{"(\"x\" == 1)", 1, "an attribute"},
	{"(a == @User.b == @User.c)", 14, "')'"},
	{"((a) == 1)", 5, "')'"},
	{"(! Member_of {SID(BA)})", 3, "'('"},
	{"(!!(a))", 2, "'('"},
	{"(! a)", 3, "'('"},
	{"(@Usr.a)", 1, "@User."},
	{"(@User a)", 1, "@User."},
	{"(@User.)", 7, "%XXXX"},
	{"(@User.%004)", 7, "four hexadecimal digits"},
	{"(@User.%0000)", 7, "four hexadecimal digits"},
	{"(@User.%0041)", 7, "no name's"},
	{"(@User.\xff)", 7, "UTF-8"},
	{"(\xc3\x9c == 1)", 1, "an attribute"},
	{"(a == \"\xc3\")", 6, "UTF-8"},
	{"(a == \"x)", 9, "the end of the string"},
	{"(a == #abc)", 7, "octets"},
	{"(a == 08)", 6, "an integer"},
	{"(a == 0x)", 8, "an integer"},
	{"(a == -)", 7, "an integer"},
	{"(a == 1x)", 6, "an integer"},
	{"(a == 9223372036854775808)", 6, "an integer"},
	{"(a == +0x8000000000000000)", 6, "an integer"},
	{"(a == -9223372036854775809)", 6, "an integer"},
	{"(a == 0x10000000000000000)", 8, "an integer"},
	{"(a == {1 2})", 9, "','"},
	{"(a == {1,})", 9, "an integer"},
	{"(a == {,})", 7, "an integer"},
	{"(a == {{1}})", 7, "an integer"},
	{"(a == {@User.b})", 7, "an integer"},
	{"(a == {1)", 8, "'}'"},
	{"(a Contains (1))", 12, "an attribute with a prefix"},
	{"(Member_of)", 10, "SID()"},
	{"(Member_of 1)", 11, "SID()"},
	{"(Member_of @User.a)", 11, "SID()"},
	{"(Member_of BA)", 11, "SID()"},
	{"(Member_of (SID(BA)})", 19, "')'"},
	{"(Member_of {SID(BA))", 19, "'}'"},
	{"(Member_of {SID(ernie)})", 18, "')' after the SID"},
	{"(Member_of {SID(QQ)})", 16, "a SID or an alias"},
	{"(Member_of SID(BA)", 18, "')'"},
	{"(Memberof {SID(BA)})", 10, "an operator"},
	{"(Exists (a))", 8, "name of an attribute"},
	{"(Exist s)", 7, "an operator"},
};

START_TEST(what_is_no_condition_is_refused_at_its_fault)
{
	struct sid home = domain();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *bytes = NULL;
		size_t size;
		const char *end = NULL;
		const char *expected = NULL;
		enum sd_error error =
			condition_read_text(bad[i].text, &home, &bytes, &size, &end, &expected);
		ck_assert_msg(error == SD_BAD_SYNTAX, "%s", bad[i].text);
		ck_assert_msg(strstr(expected, bad[i].expected), "%s: expected %s", bad[i].text,
			      expected);
		ck_assert_msg(end == bad[i].text + bad[i].offset, "%s: at %zu", bad[i].text,
			      (size_t)(end - bad[i].text));
	}
}
END_TEST

START_TEST(aliases_of_a_domain_need_one)
{
	uint8_t *bytes;
	size_t size;
	const char *end;
	const char *expected;
	ck_assert_int_eq(
		condition_read_text("(Member_of SID(DA))", NULL, &bytes, &size, &end, &expected),
		SD_BAD_SYNTAX);
	ck_assert_ptr_nonnull(strstr(expected, "no domain"));
}
END_TEST

/* @count times @before, then @middle, then as often @after; the caller frees it. */
static char *nest(size_t count, const char *before, const char *middle, const char *after)
{
	char *text =
		malloc(count * (strlen(before) + strlen(after)) + strlen(middle) + sizeof("()"));
	char *at = text;
	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, before);
	at = stpcpy(at, middle);
	for (size_t i = 0; i < count; i++)
		at = stpcpy(at, after);
	return text;
}

static enum sd_error try_read(const char *text)
{
	uint8_t *bytes = NULL;
	size_t size;
	const char *end;
	const char *expected;
	enum sd_error error = condition_read_text(text, NULL, &bytes, &size, &end, &expected);
	free(bytes);
	return error;
}

START_TEST(parentheses_nest_a_hundred_deep)
{
	char *deepest = nest(CONDITION_MAX_DEPTH, "(", "a", ")");
	char *deeper = nest(CONDITION_MAX_DEPTH + 1, "(", "a", ")");
	char *endless = nest(1000000, "(", "", "");
	ck_assert_int_eq(try_read(deepest), SD_OK);
	ck_assert_int_eq(try_read(deeper), SD_BAD_SYNTAX);
	ck_assert_int_eq(try_read(endless), SD_BAD_SYNTAX);
	free(deepest);
	free(deeper);
	free(endless);
}
END_TEST

/* What was read at the limit has a text, with fewer parentheses than Windows writes. */
START_TEST(the_deepest_condition_can_be_written)
{
	static const struct {
		const char *before, *middle, *after;
		const char *canonical; /* of one level */
	} deep[] = {
		{"(", "(a)", " && b || c)", "(((a) && (b)) || (c))"},
		{"(", "(a)", " || b && c)", "((a) || ((b) && (c)))"},
		{"(", "(a)", " || (b || c))", "((a) || ((b) || (c)))"},
		{"(", "(a)", " && (b && c))", "((a) && ((b) && (c)))"},
		{"(", "(a)", " && (b || c))", "((a) && ((b) || (c)))"},
		{"(!", "(!@USER.a == 1)", ")", "(!(!(@USER.a == 1)))"},
		{"(!", "(@USER.a == 1)", ")", "(!(@USER.a == 1))"},
		{"(a && ", "(b)", ")", "((a) && (b))"},
	};
	for (size_t i = 0; i < sizeof(deep) / sizeof(deep[0]); i++) {
		char *text = nest(1, deep[i].before, deep[i].middle, deep[i].after);
		char *written = rewrite(text);
		ck_assert_str_eq(written, deep[i].canonical);
		free(text);
		free(written);
		text = nest(CONDITION_MAX_DEPTH - 1, deep[i].before, deep[i].middle, deep[i].after);
		free(rewrite(text));
		free(text);
	}
}
END_TEST

/* A row makes a tree as deep as it is long; too deep for parentheses around each pair. */
START_TEST(a_long_row_is_written_without_parentheses)
{
	char *row = nest(1000, "@USER.a || ", "@USER.b == 1", "");
	char *text = nest(1, "(", row, ")");
	char *written = rewrite(text);
	ck_assert_str_eq(written, text);
	free(written);
	free(text);
	free(row);
}
END_TEST

START_TEST(a_hundred_operands_wait_at_most)
{
	char *most = nest(99, "(a||", "b", ")");
	char *more = nest(100, "(a||", "b", ")");
	ck_assert_int_eq(try_read(most), SD_OK);
	ck_assert_int_eq(try_read(more), SD_BAD_SYNTAX);
	free(most);
	free(more);
	/* two at each parenthesis */
	most = nest(49, "(a||b&&", "c", ")");
	more = nest(50, "(a||b&&", "c", ")");
	ck_assert_int_eq(try_read(most), SD_OK);
	ck_assert_int_eq(try_read(more), SD_BAD_SYNTAX);
	free(most);
	free(more);
}
END_TEST

/* What reading @before, @count times @value, @after and ")" comes to. */
static enum sd_error try_value(const char *before, size_t count, const char *value,
			       const char *after)
{
	char *values = nest(count, value, after, "");
	char *text = nest(1, before, values, ")");
	enum sd_error error = try_read(text);
	free(values);
	free(text);
	return error;
}

START_TEST(a_composite_has_4096_values_at_most)
{
	ck_assert_int_eq(try_value("(a == {", CONDITION_MAX_VALUES - 1, "#,", "#}"), SD_OK);
	ck_assert_int_eq(try_value("(a == {", CONDITION_MAX_VALUES, "#,", "#}"), SD_BAD_SYNTAX);
}
END_TEST

START_TEST(a_condition_is_no_longer_than_an_ace)
{
	const size_t fixed = 4 + 5 + 2 + 5 + 1; /* signature, name, header, operator */
	const size_t fit = (CONDITION_MAX_SIZE - fixed) / 2;
	ck_assert_int_eq(try_value("(a == \"", fit, "x", "\""), SD_OK);
	ck_assert_int_eq(try_value("(a == \"", fit + 1, "x", "\""), SD_TOO_LARGE);
}
END_TEST

/* Windows' own bytes of a condition with each kind of token. */
START_TEST(bytes_are_those_of_windows)
{
	static const uint8_t expected[] = {
		'a',  'r', 't', 'x', 0xf8, 2, 0,  0,    0,    'a', 0,    0x04, 0xfe, 0xff, 0xff,
		0xff, 255, 255, 255, 255,  2, 1,  0x80, 0x51, 12,  0,    0,    0,    1,    1,
		0,    0,   0,   0,   0,    5, 18, 0,    0,    0,   0x89, 0xa0, 0,
	};
	uint8_t *bytes;
	size_t size;
	read_condition("(a == -02 && Member_of SID(SY))", &bytes, &size);
	ck_assert_uint_eq(size, 44);
	ck_assert_mem_eq(bytes, expected, sizeof(expected));
	ck_assert_uint_eq(bytes[43], 0);
	free(bytes);
}
END_TEST

/* A condition of the tokens @tokens that is well-formed has no text. */
static void no_text(const void *tokens, size_t size)
{
	uint8_t bytes[128] = "artx";
	char *text = NULL;
	memcpy(bytes + 4, tokens, size);
	ck_assert(condition_valid(bytes, 4 + size));
	ck_assert_int_eq(condition_write_text(bytes, 4 + size, NULL, &text), SD_NO_TEXT);
	ck_assert_ptr_null(text);
}

#define NO_TEXT(tokens) no_text(tokens, sizeof(tokens) - 1)

START_TEST(what_cannot_be_read_back_has_no_text)
{
	char *text = NULL;
	/* a simple name with another letter, an operator as one, and one to the right */
	NO_TEXT("\xf8\2\0\0\0 \0");
	NO_TEXT("\xf8\2\0\0\0a\1");
	NO_TEXT("\xf8\x0c\0\0\0e\0X\0i\0s\0t\0s\0");
	NO_TEXT("\xf8\x10\0\0\0e\0X\0i\0s\0t\0s\0@\0a\0");
	NO_TEXT("\xf9\2\0\0\0a\0\xf8\2\0\0\0b\0\x80");
	/* a NUL in a name; a quote, a NUL and half a pair in a string */
	NO_TEXT("\xf9\2\0\0\0\0\0");
	NO_TEXT("\xf9\2\0\0\0a\0\x10\2\0\0\0\"\0\x80");
	NO_TEXT("\xf9\2\0\0\0a\0\x10\2\0\0\0\0\0\x80");
	NO_TEXT("\xf9\2\0\0\0a\0\x10\2\0\0\0\0\xd8\x80");
	/* signs that contradict the number */
	NO_TEXT("\xf9\2\0\0\0a\0\4\377\377\377\377\377\377\377\377\1\2\x80");
	NO_TEXT("\xf9\2\0\0\0a\0\4\1\0\0\0\0\0\0\0\2\2\x80");
	/* not well-formed */
	ck_assert_int_eq(condition_write_text((const uint8_t *)"artx", 4, NULL, &text), SD_NO_TEXT);
}
END_TEST

/* The width and the missing sign of a negative integer are layout. */
START_TEST(integers_of_other_widths_are_written)
{
	static const uint8_t bytes[] =
		"artx\xf9\2\0\0\0a\0\1\377\377\377\377\377\377\377\377\3\2\x80";
	char *text;
	ck_assert_int_eq(condition_write_text(bytes, sizeof(bytes) - 1, NULL, &text), SD_OK);
	ck_assert_str_eq(text, "(@USER.a == -1)");
	free(text);
}
END_TEST

static const struct {
	const char *text;
	const char *canonical; /* NULL: the same */
} good_attributes[] = {
	{"(\"a\",TI,0x0,1,-2,0)", NULL},
	{"(\"a\",TI,0,0x7fffffffffffffff,-0x8000000000000000,+017)",
	 "(\"a\",TI,0x0,9223372036854775807,-9223372036854775808,15)"},
	{"(\"a\",TU,0x10,18446744073709551615,0xffffffffffffffff)",
	 "(\"a\",TU,0x10,18446744073709551615,18446744073709551615)"},
	{"(\"a\",TB,0xffff003f,1,0)", NULL},
	{"(\"a\",TS,0x1,\"\",\"x;)( Ü\")", NULL},
	{"(\"a\",TD,0x0,ba,S-1-1-0,DA,S-1-9-9)", "(\"a\",TD,0x0,BA,WD,DA,S-1-9-9)"},
	{"(\"a\",TX,0x0,0a0b,00,#ff,#)", "(\"a\",TX,0x0,0A0B,00,FF,#)"},
	{"( \"a\" , ts , 0 , \"x\" , \"y\" )", "(\"a\",TS,0x0,\"x\",\"y\")"},
	{"(\"a\",TS,0x0)", NULL},
	{"(\"a%0020Ü\",TI,0x0,1)", "(\"a%0020%00dc\",TI,0x0,1)"},
};

START_TEST(attributes_are_written_as_windows_writes_them)
{
	struct sid home = domain();
	for (size_t i = 0; i < sizeof(good_attributes) / sizeof(good_attributes[0]); i++) {
		const char *text = good_attributes[i].text;
		const char *canonical = good_attributes[i].canonical;
		struct attribute attribute = {0}, again = {0};
		const char *end = text;
		const char *expected = "?";
		char *written = NULL;
		ck_assert_msg(attribute_read_text(text, &home, &attribute, &end, &expected) ==
				      SD_OK,
			      "%s: %s at %s", text, expected, end);
		ck_assert_msg(!*end, "%s", text);
		ck_assert_int_eq(attribute_write_text(&attribute, &home, &written), SD_OK);
		ck_assert_str_eq(written, canonical ? canonical : text);
		ck_assert_int_eq(attribute_read_text(written, &home, &again, &end, &expected),
				 SD_OK);
		ck_assert(attribute_equal(&attribute, &again));
		attribute_clear(&attribute);
		attribute_clear(&again);
		free(written);
	}
}
END_TEST

static const struct {
	const char *text;
	size_t offset;
	const char *expected;
} bad_attributes[] = {
	{"", 0, "parentheses"},
	{"(a,TI,0,1)", 1, "'\"'"},
	{"(\"\",TI,0,1)", 2, "%XXXX"},
	{"(\"a b\",TI,0,1)", 3, "end of the name"},
	{"(\"%0000\",TI,0,1)", 2, "four hexadecimal digits"},
	{"(\"a\";TI,0,1)", 4, "','"},
	{"(\"a\",TQ,0,1)", 5, "a type"},
	{"(\"a\",TI,x,1)", 8, "flags"},
	{"(\"a\",TI,0x100,1)", 8, "flags"},
	{"(\"a\",TI,0x100000000,1)", 8, "flags"},
	{"(\"a\",TI,-1,1)", 8, "flags"},
	{"(\"a\",TI,0,)", 10, "an integer"},
	{"(\"a\",TI,0,\"1\")", 10, "an integer"},
	{"(\"a\",TI,0,9223372036854775808)", 10, "63 bits"},
	{"(\"a\",TI,0,-9223372036854775809)", 10, "63 bits"},
	{"(\"a\",TU,0,-1)", 10, "not negative"},
	{"(\"a\",TU,0,18446744073709551616)", 10, "64 bits"},
	{"(\"a\",TB,0,2)", 10, "0 or 1"},
	{"(\"a\",TB,0,-1)", 10, "0 or 1"},
	{"(\"a\",TS,0,x)", 10, "double quotes"},
	{"(\"a\",TD,0,\"BA\")", 10, "a SID"},
	{"(\"a\",TX,0,abc)", 10, "octets"},
	{"(\"a\",TX,0,)", 10, "octets"},
	{"(\"a\",TX,0,\"x\")", 10, "octets"},
	{"(\"a\",TI,0,1", 11, "')'"},
	{"(\"a\",TI,0,1;2)", 11, "')'"},
};

START_TEST(what_is_no_attribute_is_refused_at_its_fault)
{
	for (size_t i = 0; i < sizeof(bad_attributes) / sizeof(bad_attributes[0]); i++) {
		const char *text = bad_attributes[i].text;
		struct attribute attribute = {0};
		const char *end = NULL;
		const char *expected = NULL;
		ck_assert_msg(attribute_read_text(text, NULL, &attribute, &end, &expected) ==
				      SD_BAD_SYNTAX,
			      "%s", text);
		ck_assert_msg(end == text + bad_attributes[i].offset, "%s: at %zu", text,
			      (size_t)(end - text));
		ck_assert_msg(strstr(expected, bad_attributes[i].expected), "%s: expected %s", text,
			      expected);
		ck_assert_ptr_null(attribute.name);
	}
}
END_TEST

static void attribute_no_text(const struct attribute *attribute)
{
	char *text = NULL;
	ck_assert_int_eq(attribute_write_text(attribute, NULL, &text), SD_NO_TEXT);
	ck_assert_ptr_null(text);
}

START_TEST(an_attribute_that_cannot_be_read_back_has_no_text)
{
	uint16_t name[] = {'a', 0};
	uint8_t quote[] = {'"', 0};
	struct attribute_value value = {.number = 2, .bytes = quote, .size = sizeof(quote)};
	struct attribute attribute = {.name = name, .name_length = 1, .count = 1, .values = &value};
	attribute.type = CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN;
	attribute_no_text(&attribute);
	attribute.type = CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING;
	attribute_no_text(&attribute);
	attribute.type = 4;
	attribute_no_text(&attribute);
	attribute.type = CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64;
	attribute.flags = 0x8000;
	attribute_no_text(&attribute);
	attribute.flags = 0;
	attribute.name_length = 2;
	attribute_no_text(&attribute);
	attribute.name_length = 0;
	attribute_no_text(&attribute);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("condition_text");
	TCase *tests = tcase_create("condition_text");
	tcase_add_test(tests, conditions_are_written_as_windows_writes_them);
	tcase_add_test(tests, what_is_no_condition_is_refused_at_its_fault);
	tcase_add_test(tests, aliases_of_a_domain_need_one);
	tcase_add_test(tests, parentheses_nest_a_hundred_deep);
	tcase_add_test(tests, the_deepest_condition_can_be_written);
	tcase_add_test(tests, a_long_row_is_written_without_parentheses);
	tcase_add_test(tests, a_hundred_operands_wait_at_most);
	tcase_add_test(tests, a_composite_has_4096_values_at_most);
	tcase_add_test(tests, a_condition_is_no_longer_than_an_ace);
	tcase_add_test(tests, bytes_are_those_of_windows);
	tcase_add_test(tests, what_cannot_be_read_back_has_no_text);
	tcase_add_test(tests, integers_of_other_widths_are_written);
	tcase_add_test(tests, attributes_are_written_as_windows_writes_them);
	tcase_add_test(tests, what_is_no_attribute_is_refused_at_its_fault);
	tcase_add_test(tests, an_attribute_that_cannot_be_read_back_has_no_text);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
