/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which parts of a descriptor a command is about: --owner, --group, --dacl, --sacl.
 */
#ifndef GUISE_TOOLS_PARTS_H
#define GUISE_TOOLS_PARTS_H

#include <getopt.h>
#include <stdbool.h>

/* values of the options, above those of all others */
enum parts_value {
	PARTS_OWNER = 0x1000,
	PARTS_GROUP,
	PARTS_DACL,
	PARTS_SACL,
};

/* for a table of options */
#define PARTS_OPTIONS                                                                              \
	{"owner", no_argument, NULL, PARTS_OWNER}, {"group", no_argument, NULL, PARTS_GROUP},      \
		{"dacl", no_argument, NULL, PARTS_DACL},                                           \
	{                                                                                          \
		"sacl", no_argument, NULL, PARTS_SACL                                              \
	}

/* Takes @option, as command_option() gave it, if it is one of these: adds PART_… to *@parts. */
bool parts_option(unsigned int *parts, int option);

#endif
