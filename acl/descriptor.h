/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security descriptors, [MS-DTYP] 2.4.6: owner, group, DACL, SACL and control
 * bits, and their self-relative binary form.
 *
 * Functions are pure; a descriptor may be read by many threads at once.
 */
#ifndef GUISE_ACL_DESCRIPTOR_H
#define GUISE_ACL_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/ace.h"
#include "acl/error.h"
#include "acl/sid.h"

/* control bits, [MS-DTYP] 2.4.6 */
#define SE_OWNER_DEFAULTED 0x0001u
#define SE_GROUP_DEFAULTED 0x0002u
#define SE_DACL_PRESENT 0x0004u
#define SE_DACL_DEFAULTED 0x0008u
#define SE_SACL_PRESENT 0x0010u
#define SE_SACL_DEFAULTED 0x0020u
#define SE_DACL_TRUSTED 0x0040u
#define SE_SERVER_SECURITY 0x0080u
#define SE_DACL_AUTO_INHERIT_REQ 0x0100u
#define SE_SACL_AUTO_INHERIT_REQ 0x0200u
#define SE_DACL_AUTO_INHERITED 0x0400u
#define SE_SACL_AUTO_INHERITED 0x0800u
#define SE_DACL_PROTECTED 0x1000u
#define SE_SACL_PROTECTED 0x2000u
#define SE_RM_CONTROL_VALID 0x4000u
#define SE_SELF_RELATIVE 0x8000u

/* The largest binary descriptor read or written: what fits an extended attribute. */
#define DESCRIPTOR_MAX_SIZE 65536

/*
 * A decoded descriptor; owns its lists.  With SE_DACL_PRESENT set and dacl
 * NULL it is a NULL DACL (grants everything); with SE_DACL_PRESENT clear dacl is NULL.
 * The same holds for the SACL.
 */
struct descriptor {
	uint16_t control;
	uint8_t sbz1; /* resource manager byte, kept with SE_RM_CONTROL_VALID */
	bool has_owner;
	bool has_group;
	struct sid owner;
	struct sid group;
	struct acl *dacl;
	struct acl *sacl;
};

/* An empty descriptor (control 0, no parts); NULL without memory. */
struct descriptor *descriptor_create(void);

/* Frees @sd and its lists; NULL is allowed. */
void descriptor_destroy(struct descriptor *sd);

/* for __attribute__((cleanup)) */
void descriptor_destroyp(struct descriptor **sd);

/* A deep copy; NULL without memory. */
struct descriptor *descriptor_copy(const struct descriptor *sd);

/* Same control bits (SE_SELF_RELATIVE aside) and same parts. */
bool descriptor_equal(const struct descriptor *a, const struct descriptor *b);

/* Replaces the DACL by @dacl (taken over; NULL is a NULL DACL) and sets SE_DACL_PRESENT. */
void descriptor_set_dacl(struct descriptor *sd, struct acl *dacl);

/* Parts of a descriptor, with the values of SECURITY_INFORMATION, [MS-DTYP] 2.4.7; may be combined.
 */
#define PART_OWNER 0x1u
#define PART_GROUP 0x2u
#define PART_DACL 0x4u /* with its control bits */
#define PART_SACL 0x8u
#define PART_ALL 0xfu

/* The parts that @sd has: lists those with SE_…_PRESENT. */
unsigned int descriptor_parts(const struct descriptor *sd);

/* The parts in which @a and @b differ. */
unsigned int descriptor_differs(const struct descriptor *a, const struct descriptor *b);

/* Puts those of @parts that @given has over those of @sd.  SD_NO_MEMORY leaves @sd in part changed.
 */
enum sd_error descriptor_merge(struct descriptor *sd, const struct descriptor *given,
			       unsigned int parts);

/* Takes all but @parts away from @sd. */
void descriptor_keep(struct descriptor *sd, unsigned int parts);

/*
 * Decodes a self-relative descriptor of any legal layout.  @bytes is hostile:
 * every offset, length and count is checked.  Bytes after the last part, and
 * within AclSize after the last ACE, are ignored.  A list at an offset though its
 * SE_…_PRESENT bit is clear is refused: Windows would grant everything, Samba
 * would apply it.  On success stores a new descriptor in *@sd (caller frees); on
 * failure stores nothing.
 */
enum sd_error descriptor_read(const uint8_t *bytes, size_t size, struct descriptor **sd);

/*
 * The same of what setcifsacl(1) writes: it gives a SACL an offset without setting
 * SE_SACL_PRESENT, so here such a SACL counts.
 */
enum sd_error descriptor_read_cifs(const uint8_t *bytes, size_t size, struct descriptor **sd);

/*
 * Encodes @sd as Windows lays it out: header, SACL, DACL, owner, group, no
 * gaps; ACL revision 2, or 4 with object ACEs.  Allocates *@bytes (caller
 * frees with free()) and stores its size in *@size.
 */
enum sd_error descriptor_write(const struct descriptor *sd, uint8_t **bytes, size_t *size);

/* The same, laid out as setcifsacl(1) needs it, which lets a SACL grow over what follows it, but
 * for owner and group: DACL, SACL, owner, group. */
enum sd_error descriptor_write_cifs(const struct descriptor *sd, uint8_t **bytes, size_t *size);

/* The same, as Samba packs it (owner, group, SACL, DACL; ACL revision 4): what security.NTACL
 * holds. */
enum sd_error descriptor_write_nt(const struct descriptor *sd, uint8_t **bytes, size_t *size);

#endif
