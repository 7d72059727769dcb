/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors in memory: read and compiled once, and shared by all objects that
 * have the same.
 *
 * An interned descriptor is immutable and counted; many threads may use it at once.
 * It is in its table for as long as somebody holds it.
 */
#ifndef GUISE_FS_INTERNED_H
#define GUISE_FS_INTERNED_H

#include <stdbool.h>
#include <stddef.h>

#include "acl/compile.h"
#include "acl/descriptor.h"

struct interned;
struct interned_table;

/* 0 or -ENOMEM.  Nothing may be held any more when a table is destroyed. */
int interned_table_create(struct interned_table **table);
void interned_table_destroy(struct interned_table *table);

/*
 * The descriptor that was made of the bytes @key, with a reference to be given
 * back; NULL if there is none.
 */
struct interned *interned_find(struct interned_table *table, const void *key, size_t size);

/*
 * Interns @sd, which is taken over and freed also on failure, as what the bytes @key mean; without
 * any (@size 0) it is shared with nobody.  @nature is whatever the store says of it (store.h).
 * Stores it, or the one that another thread made of the same bytes meanwhile, in *@interned.
 * Returns 0 or -ENOMEM.
 */
int interned_add(struct interned_table *table, const void *key, size_t size, struct descriptor *sd,
		 unsigned int nature, struct interned **interned);

/* One more reference, for NULL none; returns @interned. */
struct interned *interned_ref(struct interned *interned);
void interned_unref(struct interned *interned);

const struct descriptor *interned_descriptor(const struct interned *interned);
const struct compiled *interned_compiled(const struct interned *interned);
unsigned int interned_nature(const struct interned *interned);

/* access_names_group() of it */
bool interned_names_group(const struct interned *interned);

/* access_public() of FILE_READ_ATTRIBUTES and of FILE_TRAVERSE, worked out once. */
bool interned_shows_attributes(const struct interned *interned);
bool interned_lets_pass(const struct interned *interned);

/*
 * Is it worth remembering for long?  Not what is very large, nor what nobody shares once there is
 * very much: users make descriptors as they like.
 */
bool interned_is_light(const struct interned *interned);

/* How many different descriptors are in @table, for measuring and tests. */
size_t interned_count(const struct interned_table *table);

/* for __attribute__((cleanup)) */
static inline void interned_unrefp(struct interned **interned)
{
	interned_unref(*interned);
}
#define INTERNED __attribute__((cleanup(interned_unrefp))) struct interned *

#endif
