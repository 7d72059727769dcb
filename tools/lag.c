/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Folders whose entries have not reached all that is in them. */
#include "lag.h"

#include <errno.h>

#include "acl/inherit.h"

static bool list_equal(const struct descriptor *a, const struct descriptor *b)
{
	return a->dacl && b->dacl ? acl_equal(a->dacl, b->dacl) : a->dacl == b->dacl;
}

/* Would @folder hand down to @child another DACL than it has? */
static int lags(const struct site *folder, const struct site *child, bool *other)
{
	struct descriptor *handed = NULL;
	bool changed;
	enum sd_error fault;

	*other = false;
	if (!folder->sd || !child->sd || (child->sd->control & SE_DACL_PROTECTED))
		return 0;
	fault = inherit_propagate(folder->sd, child->sd, child->what.folder, &handed, &changed);
	if (fault == SD_NO_MEMORY)
		return -ENOMEM;
	if (fault == SD_OK)
		*other = changed && !list_equal(handed, child->sd);
	descriptor_destroy(handed);
	return 0;
}

int lag_find(struct ancestry *ancestry, const struct site **folder)
{
	const struct site *child = ancestry->object, *above;
	bool other = false;
	int error = 0;

	*folder = NULL;
	for (size_t level = 0; (above = ancestry_get(ancestry, level)); level++) {
		if (!child->sd || (child->sd->control & SE_DACL_PROTECTED))
			break;
		error = lags(above, child, &other);
		if (error < 0 || other)
			break;
		child = above;
	}
	*folder = other ? above : NULL;
	return error;
}
