/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Upper case and order of UTF-16.
 */
#include "acl/utf16.h"

#include <unicase.h>

#include "acl/bytes.h"

uint16_t utf16_upper_wide(uint16_t unit)
{
	ucs4_t upper = uc_toupper(unit);

	return upper < 0x80 || upper > UINT16_MAX ? unit : (uint16_t)upper;
}

int utf16_compare(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, bool fold)
{
	size_t shorter = a_size < b_size ? a_size : b_size;

	for (size_t at = 0; at < shorter; at += 2) {
		uint16_t left = get_le16(a + at);
		uint16_t right = get_le16(b + at);

		if (left == right)
			continue;
		if (fold) {
			left = utf16_upper(left);
			right = utf16_upper(right);
		}
		if (left != right)
			return left < right ? -1 : 1;
	}
	return a_size == b_size ? 0 : a_size < b_size ? -1 : 1;
}
