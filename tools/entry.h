/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ENTRY: an ACE as icacls writes it, PRINCIPAL:[(FLAG)…]RIGHTS, letters in any case.
 *
 *   alice:(OI)(CI)M   EXAMPLE\staff:(RX,W)   S-1-5-32-545:R   uid:1000:R   bob:(DENY)(W)
 *
 * The principal is all before the last colon.  Flags are OI, CI, NP, IO, I (inherited), DENY, and
 * of an audit ACE SUCCESS and FAILURE (SA, FA); rights are those of rights.h, and N, no access,
 * denies all, as where icacls prints it.  What cannot be said so (conditions, object types,
 * labels) is an ACE of SDDL: "(XA;;FR;;;WD;(@USER.a==1))".
 */
#ifndef GUISE_TOOLS_ENTRY_H
#define GUISE_TOOLS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/ace.h"
#include "acl/error.h"

/* Where and why a text was refused. */
struct entry_fault {
	size_t offset;        /* characters from the start of the text */
	const char *expected; /* static string */
};

/*
 * Reads @text.  Returns SD_OK with the ACE in *@ace, to be given to entry_clear(), or
 * SD_BAD_SYNTAX with *@fault filled in, SD_NO_MEMORY or SD_TOO_LARGE.
 */
enum sd_error entry_read(const char *text, struct ace *ace, struct entry_fault *fault);

/* The same where rights deny unless something else is said: "bob:W" is "bob:(DENY)W". */
enum sd_error entry_read_denial(const char *text, struct ace *ace, struct entry_fault *fault);

/* Frees what an ACE that was read holds. */
void entry_clear(struct ace *ace);

/* What is wrong with @text, in words (caller frees); NULL without memory. */
char *entry_explain(const char *text, enum sd_error error, const struct entry_fault *fault);

/* Reports what is wrong with @text; returns the exit status. */
int entry_report(const char *text, enum sd_error error, const struct entry_fault *fault);

/* Is @ace one that an ENTRY can say without SDDL? */
bool entry_is_plain(const struct ace *ace);

/*
 * Writes @ace so that entry_read() reads the same (caller frees *@text).  A principal is named
 * if its name means it, and else given as uid:, gid: or SID.  SD_NO_TEXT if it cannot be
 * written at all: types without text, bits in flags that have no name.
 */
enum sd_error entry_write(const struct ace *ace, char **text);

/* The name, uid:N, gid:N or SID that idmap_sid_parse() reads as @sid; caller frees.  NULL without
 * memory. */
char *entry_principal(const struct sid *sid);

#endif
