/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SIDs: comparison, text form, binary form, and Samba's SIDs for Unix ids.
 */
#include "acl/sid.h"

#include <string.h>

#include "acl/bytes.h"
#include "acl/name.h"

#define SID_HEADER_SIZE 8
#define AUTHORITY_MAX ((UINT64_C(1) << 48) - 1)

#define AUTHORITY_NT 5
#define AUTHORITY_UNIX 22
#define NT_NON_UNIQUE 21 /* what begins the SIDs of domains, [MS-DTYP] 2.4.2.4 */
#define UNIX_USERS 1
#define UNIX_GROUPS 2

#define WELL_KNOWN(top, count, ...)                                                                \
	{                                                                                          \
		SID_REVISION, (count), {0, 0, 0, 0, 0, (top)},                                     \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

const struct sid sid_null = WELL_KNOWN(0, 1, 0);
const struct sid sid_everyone = WELL_KNOWN(1, 1, 0);
const struct sid sid_creator_owner = WELL_KNOWN(3, 1, 0);
const struct sid sid_creator_group = WELL_KNOWN(3, 1, 1);
const struct sid sid_owner_rights = WELL_KNOWN(3, 1, 4);
const struct sid sid_anonymous = WELL_KNOWN(AUTHORITY_NT, 1, 7);
const struct sid sid_authenticated_users = WELL_KNOWN(AUTHORITY_NT, 1, 11);
const struct sid sid_system = WELL_KNOWN(AUTHORITY_NT, 1, 18);
const struct sid sid_administrators = WELL_KNOWN(AUTHORITY_NT, 2, 32, 544);

bool sid_equal(const struct sid *a, const struct sid *b)
{
	return a->sub_count == b->sub_count &&
	       memcmp(a->authority, b->authority, sizeof(a->authority)) == 0 &&
	       memcmp(a->sub, b->sub, a->sub_count * sizeof(a->sub[0])) == 0;
}

uint64_t sid_hash(const struct sid *sid)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15); /* 2^64 divided by the golden ratio */
	uint64_t hash = sid->sub_count;

	for (unsigned int i = 0; i < sizeof(sid->authority); i++)
		hash = hash << 8 | sid->authority[i];
	hash *= factor;
	for (unsigned int i = 0; i < sid->sub_count; i++) {
		hash = (hash ^ sid->sub[i]) * factor;
		hash ^= hash >> 32;
	}
	return hash;
}

int sid_compare(const struct sid *a, const struct sid *b)
{
	int order = memcmp(a->authority, b->authority, sizeof(a->authority));
	if (order != 0)
		return order;
	for (unsigned int i = 0; i < a->sub_count && i < b->sub_count; i++) {
		if (a->sub[i] != b->sub[i])
			return a->sub[i] < b->sub[i] ? -1 : 1;
	}
	return (int)a->sub_count - (int)b->sub_count;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads a decimal or "0x" hexadecimal number of at most @max; leading zeros are not octal. */
static bool parse_number(const char **text, uint64_t max, bool loose, uint64_t *number)
{
	const char *at = *text;
	int base = 10;
	while (loose && *at == ' ')
		at++;
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		base = 16;
		at += 2;
	}
	const char *first = at;
	uint64_t value = 0;
	for (int digit; (digit = digit_value(*at)) >= 0 && digit < base; at++) {
		if (loose && base == 16 && at[1] == ':')
			break;
		/* max is below 2^48, so that this cannot overflow */
		value = value * (unsigned int)base + (unsigned int)digit;
		if (value > max)
			return false;
	}
	if (at == first)
		return false;
	*text = at;
	*number = value;
	return true;
}

static bool parse_sid(const char *text, bool loose, struct sid *sid, const char **end)
{
	if ((text[0] != 'S' && text[0] != 's') || text[1] != '-')
		return false;
	const char *at = text + 2;
	uint64_t number;
	if (!parse_number(&at, UINT8_MAX, loose, &number) || number != SID_REVISION || *at++ != '-')
		return false;
	if (!parse_number(&at, AUTHORITY_MAX, loose, &number))
		return false;
	struct sid parsed = {.revision = SID_REVISION};
	for (int i = 5; i >= 0; i--, number >>= 8)
		parsed.authority[i] = (uint8_t)number;
	while (*at == '-') {
		at++;
		if (parsed.sub_count == SID_MAX_SUBS)
			return false;
		if (!parse_number(&at, UINT32_MAX, loose, &number))
			return false;
		parsed.sub[parsed.sub_count++] = (uint32_t)number;
	}
	*sid = parsed;
	if (end)
		*end = at;
	return true;
}

bool sid_parse(const char *text, struct sid *sid, const char **end)
{
	return parse_sid(text, false, sid, end);
}

bool sid_parse_loose(const char *text, struct sid *sid, const char **end)
{
	return parse_sid(text, true, sid, end);
}

static char *format_decimal(char *at, uint32_t number)
{
	char digits[10];
	unsigned int count = 0;
	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (count)
		*at++ = digits[--count];
	return at;
}

static char *format_authority(char *at, const uint8_t authority[6])
{
	uint64_t number = 0;
	for (unsigned int i = 0; i < 6; i++)
		number = number << 8 | authority[i];
	if (number < UINT32_MAX)
		return format_decimal(at, (uint32_t)number);
	*at++ = '0';
	*at++ = 'x';
	int shift = 44;
	while (number >> shift == 0)
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = "0123456789ABCDEF"[number >> shift & 15];
	return at;
}

char *sid_format(const struct sid *sid, char text[SID_MAX_TEXT])
{
	char *at = text;
	memcpy(at, "S-1-", 4);
	at += 4;
	at = format_authority(at, sid->authority);
	for (unsigned int i = 0; i < sid->sub_count && i < SID_MAX_SUBS; i++) {
		*at++ = '-';
		at = format_decimal(at, sid->sub[i]);
	}
	*at = '\0';
	return text;
}

size_t sid_size(const struct sid *sid)
{
	return SID_HEADER_SIZE + 4 * (size_t)sid->sub_count;
}

size_t sid_read(const uint8_t *bytes, size_t length, struct sid *sid)
{
	if (length < SID_HEADER_SIZE || bytes[0] != SID_REVISION || bytes[1] > SID_MAX_SUBS)
		return 0;
	size_t size = SID_HEADER_SIZE + 4 * (size_t)bytes[1];
	if (length < size)
		return 0;
	memset(sid, 0, sizeof(*sid));
	sid->revision = SID_REVISION;
	sid->sub_count = bytes[1];
	memcpy(sid->authority, bytes + 2, sizeof(sid->authority));
	for (unsigned int i = 0; i < sid->sub_count; i++)
		sid->sub[i] = get_le32(bytes + SID_HEADER_SIZE + 4 * (size_t)i);
	return size;
}

size_t sid_write(const struct sid *sid, uint8_t *bytes)
{
	bytes[0] = SID_REVISION;
	bytes[1] = sid->sub_count;
	memcpy(bytes + 2, sid->authority, sizeof(sid->authority));
	for (unsigned int i = 0; i < sid->sub_count; i++)
		put_le32(bytes + SID_HEADER_SIZE + 4 * (size_t)i, sid->sub[i]);
	return sid_size(sid);
}

static struct sid sid_from_unix(uint32_t kind, uint32_t id)
{
	struct sid sid = WELL_KNOWN(AUTHORITY_UNIX, 2, kind, id);
	return sid;
}

static bool sid_to_unix(const struct sid *sid, uint32_t kind, uint32_t *id)
{
	static const uint8_t authority[6] = {0, 0, 0, 0, 0, AUTHORITY_UNIX};
	if (sid->sub_count != 2 || memcmp(sid->authority, authority, sizeof(authority)) != 0)
		return false;
	/* the highest id means "no id" to the kernel */
	if (sid->sub[0] != kind || sid->sub[1] == UINT32_MAX)
		return false;
	*id = sid->sub[1];
	return true;
}

struct sid sid_from_uid(uid_t uid)
{
	return sid_from_unix(UNIX_USERS, uid);
}

struct sid sid_from_gid(gid_t gid)
{
	return sid_from_unix(UNIX_GROUPS, gid);
}

bool sid_to_uid(const struct sid *sid, uid_t *uid)
{
	if (sid_equal(sid, &sid_system)) {
		*uid = 0;
		return true;
	}
	return sid_to_unix(sid, UNIX_USERS, uid);
}

bool sid_to_gid(const struct sid *sid, gid_t *gid)
{
	return sid_to_unix(sid, UNIX_GROUPS, gid);
}

bool sid_is_domain(const struct sid *sid)
{
	return memcmp(sid->authority, sid_system.authority, sizeof(sid->authority)) == 0 &&
	       sid->sub_count == 5 && sid->sub[0] == NT_NON_UNIQUE;
}
