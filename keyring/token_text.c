/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The grammar of a token key's text: a table of line words, a reader, a writer. */
#include "keyring/token_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/text_line.h"

#define FIRST_LINE "guise-token 1"

static const char NO_MEMORY[] = "memory";

/* Words that may stand once, as bits of what was seen. */
enum {
	SEEN_LEVEL = 1,
	SEEN_UNTIL = 2,
	SEEN_RIGHTS = 4,
	SEEN_USER = 8,
	SEEN_SHARE = 16,
	SEEN_OF = 32,
};

struct reader {
	struct token_text *text;
	unsigned int seen;
	size_t group_room;
};

/* Each takes a line's value; returns NULL, or what it expected. */
typedef const char *line_fn(struct reader *reader, const char *value);

static bool sid_whole(const char *value, struct sid *sid)
{
	const char *end;

	return sid_parse(value, sid, &end) && *end == '\0';
}

static bool once(struct reader *reader, unsigned int word)
{
	bool first = !(reader->seen & word);

	reader->seen |= word;
	return first;
}

static const char *line_level(struct reader *reader, const char *value)
{
	if (!once(reader, SEEN_LEVEL))
		return "a single level";
	if (!token_level_parse(value, &reader->text->level))
		return "anonymous, identify, impersonate or delegate";
	reader->text->has_level = true;
	return NULL;
}

static const char *line_for(struct reader *reader, const char *value)
{
	struct token_text *text = reader->text;

	if (text->audience_count == TOKEN_TEXT_AUDIENCE)
		return "at most 64 accounts";
	if (!sid_whole(value, &text->audience[text->audience_count]))
		return "the SID of an account";
	text->audience_count++;
	return NULL;
}

static const char *line_until(struct reader *reader, const char *value)
{
	if (!once(reader, SEEN_UNTIL))
		return "a single end";
	if (!text_number(value, INT64_MAX, &reader->text->until))
		return "seconds since the epoch";
	reader->text->has_until = true;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *line_rights(struct reader *reader, const char *value)
{
	static const char expected[] = "0x and one to eight hexadecimal digits";
	size_t length = strlen(value);
	uint32_t rights = 0;

	if (!once(reader, SEEN_RIGHTS))
		return "a single set of rights";
	if (strncmp(value, "0x", 2) != 0 || length < 3 || length > 10)
		return expected;
	for (size_t i = 2; i < length; i++) {
		if (hex_digit(value[i]) < 0)
			return expected;
		rights = rights << 4 | (uint32_t)hex_digit(value[i]);
	}
	reader->text->rights = rights;
	reader->text->has_rights = true;
	return NULL;
}

static const char *line_share(struct reader *reader, const char *value)
{
	if (!once(reader, SEEN_SHARE))
		return "a single share";
	if (!token_text_share_ok(value))
		return "a share of 1 to 64 letters, digits, dots, underscores and hyphens";
	memcpy(reader->text->share, value, strlen(value) + 1);
	reader->text->has_share = true;
	return NULL;
}

/* "SERIAL SID NAME" */
static bool parent_whole(const char *value, struct token_parent *parent)
{
	char copy[TOKEN_TEXT_NAME_MAX + SID_MAX_TEXT + 16];
	char *rest = copy;
	const char *serial, *owner;
	struct sid sid;
	int64_t number;

	if (strlen(value) >= sizeof(copy))
		return false;
	memcpy(copy, value, strlen(value) + 1);
	serial = strsep(&rest, " ");
	owner = strsep(&rest, " ");
	if (!rest || !text_number(serial, INT32_MAX, &number) || !sid_whole(owner, &sid) ||
	    !sid_to_uid(&sid, &parent->owner) || !token_text_name_ok(rest))
		return false;
	memcpy(parent->name, rest, strlen(rest) + 1);
	parent->serial = (int32_t)number;
	return true;
}

static const char *line_of(struct reader *reader, const char *value)
{
	if (!once(reader, SEEN_OF))
		return "a single token key that it narrows";
	if (reader->text->has_user)
		return "no user where another token is narrowed";
	if (!parent_whole(value, &reader->text->parent))
		return "the serial of a token key, the SID of its owner and its description";
	return NULL;
}

static const char *line_user(struct reader *reader, const char *value)
{
	if (!once(reader, SEEN_USER))
		return "a single user";
	if (reader->text->parent.serial)
		return "no user where another token is narrowed";
	if (!sid_whole(value, &reader->text->user))
		return "the SID of a user";
	reader->text->has_user = true;
	return NULL;
}

static const char *line_group(struct reader *reader, const char *value)
{
	struct token_text *text = reader->text;

	if (!text->has_user)
		return "a user before its groups";
	if (text->group_count == TOKEN_TEXT_GROUPS)
		return "at most 1024 groups";
	if (text->group_count == reader->group_room) {
		size_t room = reader->group_room ? 2 * reader->group_room : 16;
		struct sid *groups = reallocarray(text->groups, room, sizeof(*groups));

		if (!groups)
			return NO_MEMORY;
		text->groups = groups;
		reader->group_room = room;
	}
	if (!sid_whole(value, &text->groups[text->group_count]))
		return "the SID of a group";
	text->group_count++;
	return NULL;
}

static const char *line_privilege(struct reader *reader, const char *value)
{
	uint32_t bit = token_privilege_parse(value);

	if (!reader->text->has_user)
		return "a user before its privileges";
	if (!bit)
		return "the name of a privilege";
	if (reader->text->privileges & bit)
		return "each privilege once";
	reader->text->privileges |= bit;
	return NULL;
}

static const struct {
	const char *word;
	line_fn *read;
} line_words[] = {
	{"level", line_level},         {"for", line_for},     {"until", line_until},
	{"rights", line_rights},       {"user", line_user},   {"group", line_group},
	{"privilege", line_privilege}, {"share", line_share}, {"of", line_of},
};

/* One line after the first, NUL-terminated; returns what was expected, or NULL. */
static const char *line_read(struct reader *reader, const char *line)
{
	const char *space = strchr(line, ' ');

	if (!space)
		return "a word, a space and a value";
	for (size_t i = 0; i < sizeof(line_words) / sizeof(line_words[0]); i++) {
		size_t length = strlen(line_words[i].word);

		if ((size_t)(space - line) == length &&
		    memcmp(line, line_words[i].word, length) == 0)
			return line_words[i].read(reader, space + 1);
	}
	return "level, for, until, rights, share, of, user, group or privilege";
}

/* All lines; *@line is the one that was at fault. */
static const char *text_read(const char *bytes, size_t length, struct reader *reader,
			     unsigned int *line)
{
	char buffer[TOKEN_TEXT_MAX + 1];
	size_t start = 0;

	*line = 1;
	if (length > TOKEN_TEXT_MAX)
		return "at most 4096 bytes";
	while (start < length) {
		const char *end = memchr(bytes + start, '\n', length - start);
		size_t width = end ? (size_t)(end - bytes) - start : 0;
		const char *expected = NULL;

		if (!end)
			return "a newline at the end of each line";
		for (size_t i = 0; i < width; i++) {
			if (bytes[start + i] < 0x20 || bytes[start + i] > 0x7e)
				return "printable ASCII";
		}
		memcpy(buffer, bytes + start, width);
		buffer[width] = '\0';
		if (*line > 1)
			expected = line_read(reader, buffer);
		else if (strcmp(buffer, FIRST_LINE) != 0)
			expected = FIRST_LINE;
		if (expected)
			return expected;
		start += width + 1;
		(*line)++;
	}
	if (*line == 1)
		return FIRST_LINE;
	return reader->text->audience_count ? NULL : "an account that it is for";
}

int token_text_read(const char *bytes, size_t length, struct token_text *text,
		    struct token_text_fault *fault)
{
	struct reader reader = {.text = text};
	unsigned int line;
	const char *expected;

	memset(text, 0, sizeof(*text));
	text->level = TOKEN_IDENTIFY;
	expected = text_read(bytes, length, &reader, &line);
	if (!expected)
		return 0;
	token_text_free(text);
	memset(text, 0, sizeof(*text));
	if (fault)
		*fault = (struct token_text_fault){line, expected};
	return expected == NO_MEMORY ? -ENOMEM : -EINVAL;
}

static void put_sid(struct text_writer *writer, const char *word, const struct sid *sid)
{
	char text[SID_MAX_TEXT];

	text_put(writer, "%s %s\n", word, sid_format(sid, text));
}

static void put_parent(struct text_writer *writer, const struct token_parent *parent)
{
	const struct sid owner = sid_from_uid(parent->owner);
	char text[SID_MAX_TEXT];

	text_put(writer, "of %" PRId32 " %s %s\n", parent->serial, sid_format(&owner, text),
		 parent->name);
}

static void put_user(struct text_writer *writer, const struct token_text *text)
{
	put_sid(writer, "user", &text->user);
	for (size_t i = 0; i < text->group_count; i++)
		put_sid(writer, "group", &text->groups[i]);
	for (unsigned int bit = 0; bit < 32; bit++) {
		uint32_t privilege = text->privileges & (uint32_t)1 << bit;

		if (privilege && token_privilege_name(privilege))
			text_put(writer, "privilege %s\n", token_privilege_name(privilege));
	}
}

/* Would reading it give the same again? */
static bool is_writable(const struct token_text *text)
{
	if (!text->audience_count || text->audience_count > TOKEN_TEXT_AUDIENCE ||
	    text->group_count > TOKEN_TEXT_GROUPS || (text->privileges & ~SE_ALL_PRIVILEGES))
		return false;
	if ((unsigned int)text->level > TOKEN_DELEGATE ||
	    (!text->has_level && text->level != TOKEN_IDENTIFY))
		return false;
	if ((text->has_until && text->until < 1) ||
	    (text->has_share && !token_text_share_ok(text->share)))
		return false;
	if (text->parent.serial < 0 ||
	    (text->parent.serial && !token_text_name_ok(text->parent.name)))
		return false;
	if (text->has_user)
		return !text->parent.serial;
	return !text->group_count && !text->privileges;
}

ssize_t token_text_write(const struct token_text *text, char *buffer, size_t size)
{
	struct text_writer writer = {.buffer = buffer, .size = size};

	if (size > TOKEN_TEXT_MAX + 1)
		writer.size = TOKEN_TEXT_MAX + 1;
	if (!size)
		return -EFBIG;
	if (!is_writable(text))
		return -EINVAL;
	text_put(&writer, FIRST_LINE "\n");
	if (text->has_level)
		text_put(&writer, "level %s\n", token_level_name(text->level));
	for (size_t i = 0; i < text->audience_count; i++)
		put_sid(&writer, "for", &text->audience[i]);
	if (text->has_until)
		text_put(&writer, "until %" PRId64 "\n", text->until);
	if (text->has_rights)
		text_put(&writer, "rights 0x%" PRIx32 "\n", text->rights);
	if (text->has_share)
		text_put(&writer, "share %s\n", text->share);
	if (text->parent.serial)
		put_parent(&writer, &text->parent);
	if (text->has_user)
		put_user(&writer, text);
	return writer.full ? -EFBIG : (ssize_t)writer.length;
}

void token_text_free(struct token_text *text)
{
	free(text->groups);
	text->groups = NULL;
	text->group_count = 0;
}

bool token_text_share_ok(const char *name)
{
	return text_word_ok(name, TOKEN_TEXT_SHARE_MAX);
}

bool token_text_name_ok(const char *name)
{
	size_t length = strnlen(name, TOKEN_TEXT_NAME_MAX + 1);

	for (size_t i = 0; i < length; i++) {
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	}
	return length > 0 && length <= TOKEN_TEXT_NAME_MAX;
}

bool token_text_names(const struct token_text *text, const struct sid *sid)
{
	for (size_t i = 0; i < text->audience_count; i++) {
		if (sid_equal(&text->audience[i], sid))
			return true;
	}
	return false;
}

bool token_text_is_for(const struct token_text *text, uid_t uid)
{
	struct sid sid = sid_from_uid(uid);

	return token_text_names(text, &sid) || (uid == 0 && token_text_names(text, &sid_system));
}
