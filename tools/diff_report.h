/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guise diff says of two objects.
 */
#ifndef GUISE_TOOLS_DIFF_REPORT_H
#define GUISE_TOOLS_DIFF_REPORT_H

#include "acl/descriptor.h"
#include "format.h"

/* One of the two; @sd is NULL if there is no such object. */
struct diff_side {
	const char *name;
	const struct descriptor *sd;
	bool folder;
};

/*
 * Prints how @a and @b differ, in FORMAT_TEXT as a unified diff.  Stores in *@differs whether they
 * do.  An enum status.
 */
int diff_report(enum format format, const struct diff_side *a, const struct diff_side *b,
		bool *differs);

#endif
