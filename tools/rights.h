/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rights as people write them, and back: icacls' letters, SDDL's letters, words, the names of the
 * bits, numbers.
 *
 * A list of items with ',' or '|' between, in parentheses or not, letters in any case.  The first
 * of these that knows an item says what it means:
 *
 * - icacls' simple rights: F M RX R W D;
 * - icacls' specific rights: DE RC WDAC WO S AS MA GR GW GE GA RD WD AD REA WEA X DC RA WA;
 * - words: read, write, execute, delete, modify, full;
 * - SDDL's rights: FA FR FW FX CC LC SW RP WP DT LO CR SD GX.  WD (in SDDL WRITE_DAC) and DC (in
 *   SDDL FILE_WRITE_DATA) mean what they mean to icacls;
 * - names of the bits, "FILE_" before them or not: FILE_READ_DATA, READ_CONTROL, LIST_DIRECTORY,
 *   FILE_GENERIC_READ, GENERIC_READ;
 * - "0x" and one to eight hexadecimal digits.
 *
 * What allows and what denies differ: icacls' simple rights and the words all hold SYNCHRONIZE,
 * without which no Windows program can open anything, so that icacls /deny NAME:W keeps a client
 * of a share from reading, too.  Here those that deny leave it out, but F, as Windows' own dialogs
 * and System.Security.AccessControl do; all other items are to the bit.
 */
#ifndef GUISE_TOOLS_RIGHTS_H
#define GUISE_TOOLS_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* what rights are for */
enum rights_use {
	RIGHTS_ALLOW, /* and audit */
	RIGHTS_DENY,
};

/* Where and why a text was refused. */
struct rights_fault {
	size_t offset;        /* characters from the start of the text */
	const char *expected; /* static string */
};

/*
 * Reads the first @length characters of @text.  False with *@fault (which may be NULL) if they are
 * no rights; "0x0" is some.
 */
bool rights_read(const char *text, size_t length, enum rights_use use, uint32_t *rights,
		 struct rights_fault *fault);

/* the longest text rights_write() writes, with its NUL */
#define RIGHTS_MAX_TEXT 96

/*
 * Writes @rights as icacls would, but shortest: "RX,W", "M,DC", "0x0".  rights_read() with the same
 * @use reads the same.  Returns @text.
 */
char *rights_write(uint32_t rights, enum rights_use use, char text[RIGHTS_MAX_TEXT]);

/* A word ("read", "modify", "full") of @length characters, as tokens have it: in lower case; 0 if
 * it is none. */
uint32_t rights_word(const char *word, size_t length);

#endif
