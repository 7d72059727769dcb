/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sizes of the binary structures and what the readers and writers of acl/
 * share; private to acl/.
 */
#ifndef GUISE_ACL_LAYOUT_H
#define GUISE_ACL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/ace.h"
#include "acl/descriptor.h"

#define DESCRIPTOR_HEADER_SIZE 20
#define ACL_HEADER_SIZE 8
#define ACE_HEADER_SIZE 4
/* the longest ACL and ACE: what fits AclSize and AceSize, a multiple of four */
#define ACL_MAX_SIZE 0xfffcu

/* Types whose body is kept as it is, because its layout is not known or not used. */
bool ace_type_is_opaque(uint8_t type);

/* Makes room for @room ACEs in all. */
enum sd_error acl_reserve(struct acl *acl, size_t room);

/* As acl_append(), but @ace's data (data_size of it) is at @bytes. */
enum sd_error acl_append_data(struct acl *acl, const struct ace *ace, const uint8_t *bytes);

/*
 * As descriptor_read(), but the descriptor starts at @base (a multiple of four, less
 * than @size), its offsets count from the start of @bytes, and @bytes may go on after it: stores in
 * *@end where its last part ends.
 */
enum sd_error descriptor_read_at(const uint8_t *bytes, size_t size, size_t base,
				 struct descriptor **sd, size_t *end);

/* As descriptor_write_nt(), but with @base added to the offsets. */
enum sd_error descriptor_write_at(const struct descriptor *sd, size_t base, uint8_t **bytes,
				  size_t *size);

#endif
