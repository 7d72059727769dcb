/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * UTF-16, little-endian, compared unit by unit as Windows does: upper case by simple mappings,
 * no locale; private to acl/.
 */
#ifndef GUISE_ACL_UTF16_H
#define GUISE_ACL_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As utf16_upper(), for units that are not ASCII. */
uint16_t utf16_upper_wide(uint16_t unit);

/*
 * @unit in upper case.  No unit outside of ASCII has one inside (the dotless i and the long s stay
 * as they are), and surrogates have none.
 */
static inline uint16_t utf16_upper(uint16_t unit)
{
	if (unit < 0x80)
		return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 0x20) : unit;
	return utf16_upper_wide(unit);
}

/*
 * Order of two strings of @a_size and @b_size bytes (even): less than, equal to or greater than 0.
 * @fold: without regard to case.
 */
int utf16_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, bool fold);

#endif
