/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Access masks: the generic bits of files, and names for people.
 */
#include "acl/mask.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

uint32_t mask_map_generic(uint32_t mask)
{
	uint32_t mapped = mask & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
	if (mask & GENERIC_READ)
		mapped |= FILE_GENERIC_READ;
	if (mask & GENERIC_WRITE)
		mapped |= FILE_GENERIC_WRITE;
	if (mask & GENERIC_EXECUTE)
		mapped |= FILE_GENERIC_EXECUTE;
	if (mask & GENERIC_ALL)
		mapped |= FILE_ALL_ACCESS;
	return mapped;
}

static const struct {
	uint32_t bit;
	const char *file;
	const char *folder;
} right_names[] = {
	{FILE_READ_DATA, "FILE_READ_DATA", "FILE_LIST_DIRECTORY"},
	{FILE_WRITE_DATA, "FILE_WRITE_DATA", "FILE_ADD_FILE"},
	{FILE_APPEND_DATA, "FILE_APPEND_DATA", "FILE_ADD_SUBDIRECTORY"},
	{FILE_READ_EA, "FILE_READ_EA", "FILE_READ_EA"},
	{FILE_WRITE_EA, "FILE_WRITE_EA", "FILE_WRITE_EA"},
	{FILE_EXECUTE, "FILE_EXECUTE", "FILE_TRAVERSE"},
	{FILE_DELETE_CHILD, "FILE_DELETE_CHILD", "FILE_DELETE_CHILD"},
	{FILE_READ_ATTRIBUTES, "FILE_READ_ATTRIBUTES", "FILE_READ_ATTRIBUTES"},
	{FILE_WRITE_ATTRIBUTES, "FILE_WRITE_ATTRIBUTES", "FILE_WRITE_ATTRIBUTES"},
	{DELETE, "DELETE", "DELETE"},
	{READ_CONTROL, "READ_CONTROL", "READ_CONTROL"},
	{WRITE_DAC, "WRITE_DAC", "WRITE_DAC"},
	{WRITE_OWNER, "WRITE_OWNER", "WRITE_OWNER"},
	{SYNCHRONIZE, "SYNCHRONIZE", "SYNCHRONIZE"},
	{ACCESS_SYSTEM_SECURITY, "ACCESS_SYSTEM_SECURITY", "ACCESS_SYSTEM_SECURITY"},
	{MAXIMUM_ALLOWED, "MAXIMUM_ALLOWED", "MAXIMUM_ALLOWED"},
	{GENERIC_ALL, "GENERIC_ALL", "GENERIC_ALL"},
	{GENERIC_EXECUTE, "GENERIC_EXECUTE", "GENERIC_EXECUTE"},
	{GENERIC_WRITE, "GENERIC_WRITE", "GENERIC_WRITE"},
	{GENERIC_READ, "GENERIC_READ", "GENERIC_READ"},
};

/* Appends @name, after a '|' unless it is the first. */
static char *append_name(char *at, const char *text, const char *name)
{
	if (at != text)
		*at++ = '|';
	return stpcpy(at, name);
}

char *mask_format(uint32_t mask, int folder, char text[MASK_MAX_TEXT])
{
	char *at = text;
	for (size_t i = 0; i < sizeof(right_names) / sizeof(right_names[0]); i++) {
		if (!(mask & right_names[i].bit))
			continue;
		at = append_name(at, text, folder ? right_names[i].folder : right_names[i].file);
		mask &= ~right_names[i].bit;
	}
	if (mask || at == text) {
		char number[11];
		snprintf(number, sizeof(number), mask ? "0x%x" : "%x", (unsigned int)mask);
		append_name(at, text, number);
	}
	return text;
}

/* sets with a name of their own */
static const struct {
	uint32_t mask;
	const char *name;
} set_names[] = {
	{FILE_ALL_ACCESS, "FILE_ALL_ACCESS"},           {FILE_ALL_ACCESS, "ALL_ACCESS"},
	{FILE_GENERIC_READ, "FILE_GENERIC_READ"},       {FILE_GENERIC_WRITE, "FILE_GENERIC_WRITE"},
	{FILE_GENERIC_EXECUTE, "FILE_GENERIC_EXECUTE"},
};

static int same_word(const char *word, const char *name, size_t length)
{
	return strlen(word) == length && strncasecmp(word, name, length) == 0;
}

/* Is @name @word, or what follows "FILE_" in it? */
static int same_name(const char *word, const char *name, size_t length)
{
	static const char prefix[] = "FILE_";

	if (same_word(word, name, length))
		return 1;
	return strncmp(word, prefix, strlen(prefix)) == 0 &&
	       same_word(word + strlen(prefix), name, length);
}

uint32_t mask_named(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(set_names) / sizeof(set_names[0]); i++) {
		if (same_word(set_names[i].name, name, length))
			return set_names[i].mask;
	}
	for (size_t i = 0; i < sizeof(right_names) / sizeof(right_names[0]); i++) {
		if (same_name(right_names[i].file, name, length) ||
		    same_name(right_names[i].folder, name, length))
			return right_names[i].bit;
	}
	return 0;
}
