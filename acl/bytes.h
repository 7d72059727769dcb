/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Little-endian numbers in byte strings; private to acl/.  The caller has
 * checked that the bytes are there.
 */
#ifndef GUISE_ACL_BYTES_H
#define GUISE_ACL_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t get_le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static inline void put_le16(uint8_t *bytes, uint16_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
}

static inline void put_le32(uint8_t *bytes, uint32_t value)
{
	bytes[0] = (uint8_t)value;
	bytes[1] = (uint8_t)(value >> 8);
	bytes[2] = (uint8_t)(value >> 16);
	bytes[3] = (uint8_t)(value >> 24);
}

/* @size, padded to a multiple of four; sizes here are far below SIZE_MAX. */
static inline size_t align4(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

#endif
