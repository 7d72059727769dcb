/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any two descriptors as parent and child: what propagation and protection promise.
 * Input: u8 (1 folder, 2 DACL, 4 SACL), u16 size of the parent, parent, child.
 */
#include "acl/canonical.h"
#include "acl/descriptor.h"
#include "acl/inherit.h"
#include "fuzz.h"

#define HEADER 3

struct pair {
	struct descriptor *parent, *child;
	bool folder;
	unsigned int lists;
};

static bool read_pair(const uint8_t *data, size_t size, struct pair *pair)
{
	size_t parent;
	if (size < HEADER)
		return false;
	parent = (size_t)(data[1] | data[2] << 8);
	if (size - HEADER < parent || descriptor_read(data + HEADER, parent, &pair->parent))
		return false;
	pair->folder = data[0] & 1;
	pair->lists = data[0] >> 1 & (INHERIT_DACL | INHERIT_SACL);
	return descriptor_read(data + HEADER + parent, size - HEADER - parent, &pair->child) ==
	       SD_OK;
}

static void check_writable(const struct descriptor *sd)
{
	struct descriptor *again = NULL;
	uint8_t *bytes;
	size_t size;
	require(descriptor_write(sd, &bytes, &size) == SD_OK);
	require(descriptor_read(bytes, size, &again) == SD_OK);
	require(descriptor_equal(sd, again));
	descriptor_destroy(again);
	free(bytes);
}

/* @new begins with the ACEs of @old, or its explicit ones; all that follow are inherited. */
static void check_begins(const struct acl *old, const struct acl *new, bool explicit)
{
	size_t at = 0;
	require(!old || new);
	for (size_t i = 0; old && i < old->count; i++) {
		if (explicit && (old->aces[i].flags & INHERITED_ACE))
			continue;
		require(at < new->count &&ace_equal(&old->aces[i], &new->aces[at]));
		at++;
	}
	for (; new &&at < new->count; at++)
		require(new->aces[at].flags &INHERITED_ACE);
}

static void check_same(const struct acl *a, const struct acl *b)
{
	require(a && b ? acl_equal(a, b) : a == b);
}

static void check_list(const struct acl *old, const struct acl *new, bool stays)
{
	if (stays)
		check_same(old, new);
	else
		check_begins(old, new, true);
}

static void check_canonical(const struct acl *acl)
{
	struct acl *sorted = NULL;
	size_t first = acl->count;
	bool canonical = acl_is_canonical(acl, &first);
	require(canonical == (first == acl->count));
	require(acl_sort_canonical(acl, &sorted) == SD_OK);
	require(acl_is_canonical(sorted, NULL) && sorted->count == acl->count);
	require(acl_equal(acl, sorted) == canonical);
	acl_destroy(sorted);
}

static void check_propagate(const struct pair *pair)
{
	const struct descriptor *child = pair->child;
	struct descriptor *once = NULL, *twice = NULL;
	bool changed;
	enum sd_error error = inherit_propagate(pair->parent, child, pair->folder, &once, &changed);
	if (error) {
		require(error == SD_TOO_LARGE && !once);
		return;
	}
	require(changed != descriptor_equal(child, once));
	check_writable(once);
	check_list(child->dacl, once->dacl, once->control & SE_DACL_PROTECTED);
	check_list(child->sacl, once->sacl, child->control & SE_SACL_PROTECTED);
	require(!(child->control & ~once->control));
	require(inherit_propagate(pair->parent, once, pair->folder, &twice, &changed) == SD_OK);
	require(!changed && descriptor_equal(once, twice));
	descriptor_destroy(once);
	descriptor_destroy(twice);
}

static void check_no_inherited(const struct acl *acl)
{
	for (size_t i = 0; acl && i < acl->count; i++)
		require(!(acl->aces[i].flags & INHERITED_ACE));
}

static size_t count_of(const struct acl *acl)
{
	return acl ? acl->count : 0;
}

/* Protects the lists, then joins them to the parent again. */
static void check_round_trip(const struct pair *pair, enum inherit_keep keep)
{
	const struct descriptor *child = pair->child;
	struct descriptor *cut = NULL, *joined = NULL;
	require(inherit_protect(child, pair->lists, keep, &cut) == SD_OK);
	check_writable(cut);
	if (pair->lists & INHERIT_DACL) {
		check_no_inherited(cut->dacl);
		require(cut->control & SE_DACL_PROTECTED);
	} else {
		check_same(child->dacl, cut->dacl);
	}
	require(keep == INHERIT_DROP || count_of(child->dacl) == count_of(cut->dacl));
	enum sd_error error =
		inherit_unprotect(pair->parent, cut, pair->folder, pair->lists, &joined);
	require(error == SD_OK || error == SD_TOO_LARGE);
	if (!error) {
		check_writable(joined);
		check_begins(cut->dacl, joined->dacl, false);
		require(!(pair->lists & INHERIT_DACL) || !(joined->control & SE_DACL_PROTECTED));
		require(!(pair->lists & INHERIT_SACL) || !(joined->control & SE_SACL_PROTECTED));
	}
	descriptor_destroy(cut);
	descriptor_destroy(joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair pair = {0};
	if (read_pair(data, size, &pair)) {
		check_propagate(&pair);
		check_round_trip(&pair, INHERIT_COPY);
		check_round_trip(&pair, INHERIT_DROP);
		if (pair.child->dacl)
			check_canonical(pair.child->dacl);
	}
	descriptor_destroy(pair.parent);
	descriptor_destroy(pair.child);
	return 0;
}
