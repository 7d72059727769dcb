/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rights as people write them, and back.
 *
 * What icacls' simple rights are: F, M, RX and R are the sets that Windows' dialogs know, W is
 * their "Write", which is FILE_GENERIC_WRITE without READ_CONTROL (0x100116), and D is DELETE with
 * SYNCHRONIZE (0x110000; told so in "I set the same ACL with the GUI and with icacls, yet the
 * results are different", The Old New Thing, 2019).
 */
#include "rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acl/mask.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct item {
	const char *name;
	uint32_t allow; /* what it means where rights are allowed */
	uint32_t deny;  /* and where they are denied */
};

/* icacls' simple rights, those that hold others first */
static const struct item simple[] = {
	{"F", FILE_ALL_ACCESS, FILE_ALL_ACCESS},
	{"M", FILE_MODIFY, FILE_MODIFY & ~SYNCHRONIZE},
	{"RX", 0x001200a9, 0x000200a9},
	{"R", FILE_GENERIC_READ, FILE_GENERIC_READ & ~SYNCHRONIZE},
	{"W", 0x00100116, 0x00000116},
	{"D", DELETE | SYNCHRONIZE, DELETE},
};

/* icacls' specific rights, in its order */
static const struct item specific[] = {
	{"DE", DELETE, DELETE},
	{"RC", READ_CONTROL, READ_CONTROL},
	{"WDAC", WRITE_DAC, WRITE_DAC},
	{"WO", WRITE_OWNER, WRITE_OWNER},
	{"S", SYNCHRONIZE, SYNCHRONIZE},
	{"AS", ACCESS_SYSTEM_SECURITY, ACCESS_SYSTEM_SECURITY},
	{"MA", MAXIMUM_ALLOWED, MAXIMUM_ALLOWED},
	{"GR", GENERIC_READ, GENERIC_READ},
	{"GW", GENERIC_WRITE, GENERIC_WRITE},
	{"GE", GENERIC_EXECUTE, GENERIC_EXECUTE},
	{"GA", GENERIC_ALL, GENERIC_ALL},
	{"RD", FILE_READ_DATA, FILE_READ_DATA},
	{"WD", FILE_WRITE_DATA, FILE_WRITE_DATA},
	{"AD", FILE_APPEND_DATA, FILE_APPEND_DATA},
	{"REA", FILE_READ_EA, FILE_READ_EA},
	{"WEA", FILE_WRITE_EA, FILE_WRITE_EA},
	{"X", FILE_EXECUTE, FILE_EXECUTE},
	{"DC", FILE_DELETE_CHILD, FILE_DELETE_CHILD},
	{"RA", FILE_READ_ATTRIBUTES, FILE_READ_ATTRIBUTES},
	{"WA", FILE_WRITE_ATTRIBUTES, FILE_WRITE_ATTRIBUTES},
};

/* who is denied to write or execute may still read who may do what */
static const struct item words[] = {
	{"read", FILE_GENERIC_READ, FILE_GENERIC_READ & ~SYNCHRONIZE},
	{"write", FILE_GENERIC_WRITE, 0x00000116},
	{"execute", FILE_GENERIC_EXECUTE, FILE_EXECUTE},
	{"delete", DELETE, DELETE},
	{"modify", FILE_MODIFY, FILE_MODIFY & ~SYNCHRONIZE},
	{"full", FILE_ALL_ACCESS, FILE_ALL_ACCESS},
};

/* SDDL's, but those that mean something else to icacls */
static const struct item sddl[] = {
	{"FA", FILE_ALL_ACCESS, FILE_ALL_ACCESS},
	{"FR", FILE_GENERIC_READ, FILE_GENERIC_READ},
	{"FW", FILE_GENERIC_WRITE, FILE_GENERIC_WRITE},
	{"FX", FILE_GENERIC_EXECUTE, FILE_GENERIC_EXECUTE},
	{"CC", FILE_READ_DATA, FILE_READ_DATA},
	{"LC", FILE_APPEND_DATA, FILE_APPEND_DATA},
	{"SW", FILE_READ_EA, FILE_READ_EA},
	{"RP", FILE_WRITE_EA, FILE_WRITE_EA},
	{"WP", FILE_EXECUTE, FILE_EXECUTE},
	{"DT", FILE_DELETE_CHILD, FILE_DELETE_CHILD},
	{"LO", FILE_READ_ATTRIBUTES, FILE_READ_ATTRIBUTES},
	{"CR", FILE_WRITE_ATTRIBUTES, FILE_WRITE_ATTRIBUTES},
	{"SD", DELETE, DELETE},
	{"GX", GENERIC_EXECUTE, GENERIC_EXECUTE},
};

static const char need_rights[] =
	"rights: F, M, RX, R, W, D, letters such as RD and WDAC, read, write, execute, delete, "
	"modify, full, names such as FILE_READ_DATA, or 0x and up to eight hexadecimal digits";
static const char need_close[] = "')' after the rights, and nothing after it";

static const struct item *item_find(const struct item *table, size_t count, const char *name,
				    size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(table[i].name) == length &&
		    strncasecmp(table[i].name, name, length) == 0)
			return &table[i];
	}
	return NULL;
}

static bool read_number(const char *text, size_t length, uint32_t *number)
{
	char digits[9];

	if (length < 3 || length > 10 || strncasecmp(text, "0x", 2) != 0)
		return false;
	memcpy(digits, text + 2, length - 2);
	digits[length - 2] = '\0';
	if (strspn(digits, "0123456789abcdefABCDEF") != length - 2)
		return false;
	*number = (uint32_t)strtoul(digits, NULL, 16);
	return true;
}

static bool read_item(const char *text, size_t length, enum rights_use use, uint32_t *rights)
{
	const struct item *item = item_find(simple, COUNT(simple), text, length);

	if (!item)
		item = item_find(specific, COUNT(specific), text, length);
	if (!item)
		item = item_find(words, COUNT(words), text, length);
	if (!item)
		item = item_find(sddl, COUNT(sddl), text, length);
	if (item) {
		*rights = use == RIGHTS_DENY ? item->deny : item->allow;
		return true;
	}
	*rights = mask_named(text, length);
	return *rights != 0 || read_number(text, length, rights);
}

static bool fail(struct rights_fault *fault, size_t offset, const char *expected)
{
	if (fault)
		*fault = (struct rights_fault){offset, expected};
	return false;
}

bool rights_read(const char *text, size_t length, enum rights_use use, uint32_t *rights,
		 struct rights_fault *fault)
{
	size_t at = 0;
	uint32_t all = 0;

	if (length > 0 && text[0] == '(') {
		if (text[length - 1] != ')')
			return fail(fault, length, need_close);
		at++;
		length--;
	}
	for (;; at++) {
		size_t end = at;
		uint32_t one;

		while (end < length && text[end] != ',' && text[end] != '|')
			end++;
		if (!read_item(text + at, end - at, use, &one))
			return fail(fault, at, need_rights);
		all |= one;
		at = end;
		if (at == length)
			break;
	}
	*rights = all;
	return true;
}

static char *put(char *at, const char *text, const char *name)
{
	if (at != text)
		*at++ = ',';
	return stpcpy(at, name);
}

char *rights_write(uint32_t rights, enum rights_use use, char text[RIGHTS_MAX_TEXT])
{
	uint32_t left = rights;
	char *at = text;

	for (size_t i = 0; i < COUNT(simple); i++) {
		uint32_t set = use == RIGHTS_DENY ? simple[i].deny : simple[i].allow;

		if ((rights & set) != set || !(left & set))
			continue;
		at = put(at, text, simple[i].name);
		left &= ~set;
	}
	for (size_t i = 0; i < COUNT(specific); i++) {
		if (!(left & specific[i].allow))
			continue;
		at = put(at, text, specific[i].name);
		left &= ~specific[i].allow;
	}
	if (left || at == text) {
		char number[11];

		snprintf(number, sizeof(number), "0x%x", (unsigned int)left);
		put(at, text, number);
	}
	return text;
}

uint32_t rights_word(const char *word, size_t length)
{
	const struct item *item = item_find(words, COUNT(words), word, length);

	return item && strncmp(item->name, word, length) == 0 ? item->allow : 0;
}
