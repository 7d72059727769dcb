/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security identifiers, [MS-DTYP] 2.4.2.
 *
 * A SID is a plain value: copy it, compare it, keep it on the stack.  Every
 * principal in guisefs (user, group, well-known identity) is compared as a SID.
 * All functions are pure and thread safe.
 */
#ifndef GUISE_ACL_SID_H
#define GUISE_ACL_SID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SID_REVISION 1
#define SID_MAX_SUBS 15
/* longest binary form: revision, count, authority, 15 sub-authorities */
#define SID_MAX_SIZE (8 + 4 * SID_MAX_SUBS)
/* longest text form with its NUL: "S-1-0x123456789abc" and 15 times "-4294967295" */
#define SID_MAX_TEXT (18 + 11 * SID_MAX_SUBS + 1)

struct sid {
	uint8_t revision;           /* always SID_REVISION */
	uint8_t sub_count;          /* sub-authorities in use, 0 to 15 */
	uint8_t authority[6];       /* identifier authority, big-endian */
	uint32_t sub[SID_MAX_SUBS]; /* sub-authorities, host order; unused ones are 0 */
};

/* Well-known SIDs, [MS-DTYP] 2.4.2.4. */
extern const struct sid sid_null;                /* S-1-0-0 */
extern const struct sid sid_everyone;            /* S-1-1-0 */
extern const struct sid sid_creator_owner;       /* S-1-3-0 */
extern const struct sid sid_creator_group;       /* S-1-3-1 */
extern const struct sid sid_owner_rights;        /* S-1-3-4 */
extern const struct sid sid_anonymous;           /* S-1-5-7 */
extern const struct sid sid_authenticated_users; /* S-1-5-11 */
extern const struct sid sid_system;              /* S-1-5-18 */
extern const struct sid sid_administrators;      /* S-1-5-32-544 */

bool sid_equal(const struct sid *a, const struct sid *b);

/*
 * A hash of @sid for tables in memory; equal SIDs have equal hashes, on this host and in this
 * version.  Unkeyed: whoever can choose SIDs can make them collide, which costs time only.
 */
uint64_t sid_hash(const struct sid *sid);

/* Total order for sorting: authority, then sub-authorities, then their count. */
int sid_compare(const struct sid *a, const struct sid *b);

/*
 * Reads a SID in text form ("S-1-5-21-1-2-3-500", "s-1-0x10000000000-1") from
 * the start of @text.  On success stores it in *@sid and, if @end is not NULL,
 * the first character after it in *@end.  Returns false, storing nothing, if
 * @text does not start with a well-formed SID.  [MS-DTYP] 2.4.2.1
 */
bool sid_parse(const char *text, struct sid *sid, const char **end);

/*
 * Writes the text form of @sid into @text.  The authority is decimal below
 * 2^32 - 1 and hexadecimal from there on ("0x500000000"), as Windows and
 * Samba were seen to do.  Returns @text.
 */
char *sid_format(const struct sid *sid, char text[SID_MAX_TEXT]);

/* Size in bytes of the binary form of @sid. */
size_t sid_size(const struct sid *sid);

/*
 * Reads the binary form, [MS-DTYP] 2.4.2.2, from @bytes.  Returns the number
 * of bytes read, 0 if @length is too short or the revision or count is illegal.
 */
size_t sid_read(const uint8_t *bytes, size_t length, struct sid *sid);

/* Writes the binary form (sid_size() bytes) to @bytes; returns its size. */
size_t sid_write(const struct sid *sid, uint8_t *bytes);

/*
 * Unix users and groups as Samba names them: S-1-22-1-uid, S-1-22-2-gid.
 * The way back also takes uid 0 from LocalSystem (S-1-5-18) and returns false
 * if @sid names no Unix user or group.
 */
struct sid sid_from_uid(uid_t uid);
struct sid sid_from_gid(gid_t gid);
bool sid_to_uid(const struct sid *sid, uid_t *uid);
bool sid_to_gid(const struct sid *sid, gid_t *gid);

/*
 * Is @sid that of an account or group of a domain, S-1-5-21-a-b-c-RID?  Which of both its form does
 * not tell.
 */
bool sid_is_domain(const struct sid *sid);

#endif
