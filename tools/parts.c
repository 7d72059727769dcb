/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which parts of a descriptor a command is about.
 */
#include "parts.h"

#include "acl/descriptor.h"

bool parts_option(unsigned int *parts, int option)
{
	static const unsigned int values[] = {PART_OWNER, PART_GROUP, PART_DACL, PART_SACL};

	if (option < PARTS_OWNER || option > PARTS_SACL)
		return false;
	*parts |= values[option - PARTS_OWNER];
	return true;
}
