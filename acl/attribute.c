/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Security attributes: values, lists, and their binary form.
 */
#include "acl/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "acl/bytes.h"
#include "acl/utf16.h"

/* CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1: name, type, reserved, flags, count; then offsets */
#define HEADER_SIZE 16
#define OFFSET_SIZE 4
#define NUMBER_SIZE 8
/* what an ACE leaves for its data after header, mask and the shortest SID */
#define MAX_SIZE 0xffe8u

/* Bytes that offsets point into, from where on, and how many of them may still be taken. */
struct source {
	const uint8_t *bytes;
	size_t size;
	size_t start;
	size_t left;
};

void attribute_clear(struct attribute *attribute)
{
	for (size_t i = 0; i < attribute->count; i++)
		free(attribute->values[i].bytes);
	free(attribute->values);
	free(attribute->name);
	*attribute = (struct attribute){0};
}

static bool type_is_number(uint16_t type)
{
	return type == CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64 ||
	       type == CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64 ||
	       type == CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN;
}

static bool type_is_known(uint16_t type)
{
	return type_is_number(type) || type == CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING ||
	       type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID ||
	       type == CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING;
}

/* A copy of @size bytes; of none it is not NULL, either. */
static void *bytes_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (copy && size)
		memcpy(copy, bytes, size);
	return copy;
}

/* Room for name and values, to be filled; count stays 0 until they are. */
static enum sd_error attribute_reserve(struct attribute *attribute, size_t name_length,
				       size_t count)
{
	attribute->name = calloc(name_length ? name_length : 1, sizeof(*attribute->name));
	attribute->values = count ? calloc(count, sizeof(*attribute->values)) : NULL;
	return attribute->name && (attribute->values || !count) ? SD_OK : SD_NO_MEMORY;
}

enum sd_error attribute_copy(struct attribute *to, const struct attribute *from)
{
	struct attribute copy = {.type = from->type, .flags = from->flags};
	enum sd_error error = attribute_reserve(&copy, from->name_length, from->count);

	if (!error && from->name_length) {
		memcpy(copy.name, from->name, from->name_length * sizeof(*copy.name));
		copy.name_length = from->name_length;
	}
	for (size_t i = 0; !error && i < from->count; i++) {
		struct attribute_value *value = &copy.values[i];

		*value = from->values[i];
		value->bytes = NULL;
		if (from->values[i].bytes) {
			value->bytes = bytes_copy(from->values[i].bytes, value->size);
			error = value->bytes ? SD_OK : SD_NO_MEMORY;
		}
		copy.count++;
	}
	if (error) {
		attribute_clear(&copy);
		return error;
	}
	*to = copy;
	return SD_OK;
}

static bool names_equal(const struct attribute *a, const struct attribute *b)
{
	if (a->name_length != b->name_length)
		return false;
	for (size_t i = 0; i < a->name_length; i++) {
		if (utf16_upper(a->name[i]) != utf16_upper(b->name[i]))
			return false;
	}
	return true;
}

static bool values_equal(uint16_t type, const struct attribute_value *a,
			 const struct attribute_value *b)
{
	if (type_is_number(type))
		return a->number == b->number;
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID)
		return sid_equal(&a->sid, &b->sid);
	return a->size == b->size && (!a->size || !memcmp(a->bytes, b->bytes, a->size));
}

bool attribute_equal(const struct attribute *a, const struct attribute *b)
{
	if (a->type != b->type || a->flags != b->flags || a->count != b->count ||
	    !names_equal(a, b))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!values_equal(a->type, &a->values[i], &b->values[i]))
			return false;
	}
	return true;
}

/* Are there @size bytes at @offset, after the table of offsets? */
static bool source_has(const struct source *source, uint32_t offset, size_t size)
{
	return offset >= source->start && offset <= source->size && size <= source->size - offset;
}

/*
 * Takes @size bytes for a value.  No layout without overlaps needs more than there are; with them,
 * a short ACE could fill the memory.
 */
static bool source_take(struct source *source, size_t size)
{
	if (size > source->left)
		return false;
	source->left -= size;
	return true;
}

/* The size in bytes, without its NUL, of the UTF-16 at @offset. */
static bool find_string(struct source *source, uint32_t offset, size_t *size)
{
	for (size_t at = offset; source_has(source, (uint32_t)at, 2); at += 2) {
		if (get_le16(source->bytes + at) == 0) {
			*size = at - offset;
			return source_take(source, *size + 2);
		}
	}
	return false;
}

static enum sd_error read_string(struct source *source, uint32_t offset,
				 struct attribute_value *value)
{
	size_t size;

	if (!find_string(source, offset, &size))
		return SD_BAD_ACE;
	value->bytes = bytes_copy(source->bytes + offset, size);
	value->size = size;
	return value->bytes ? SD_OK : SD_NO_MEMORY;
}

static enum sd_error read_number(struct source *source, uint32_t offset,
				 struct attribute_value *value)
{
	const uint8_t *at;

	if (!source_has(source, offset, NUMBER_SIZE) || !source_take(source, NUMBER_SIZE))
		return SD_BAD_ACE;
	at = source->bytes + offset;
	value->number = get_le32(at) | (uint64_t)get_le32(at + 4) << 32;
	return SD_OK;
}

/* Finds the bytes of an octet string: a length, then as many. */
static const uint8_t *find_octets(struct source *source, uint32_t offset, uint32_t *size)
{
	if (!source_has(source, offset, sizeof(*size)))
		return NULL;
	*size = get_le32(source->bytes + offset);
	if (*size > source->size - offset - sizeof(*size) ||
	    !source_take(source, *size + sizeof(*size)))
		return NULL;
	return source->bytes + offset + sizeof(*size);
}

static enum sd_error read_octets(struct source *source, uint32_t offset,
				 struct attribute_value *value)
{
	uint32_t size;
	const uint8_t *octets = find_octets(source, offset, &size);

	if (!octets)
		return SD_BAD_ACE;
	value->bytes = bytes_copy(octets, size);
	value->size = size;
	return value->bytes ? SD_OK : SD_NO_MEMORY;
}

/*
 * A SID is an octet string with its text, [MS-DTYP] 2.4.10.1.  The binary form, which others
 * write, cannot be mistaken for it: it starts with its revision.
 */
static enum sd_error read_sid(struct source *source, uint32_t offset, struct attribute_value *value)
{
	char text[SID_MAX_TEXT];
	const char *end;
	uint32_t size;
	const uint8_t *octets = find_octets(source, offset, &size);

	if (!octets || !size)
		return SD_BAD_ACE;
	if (octets[0] == SID_REVISION)
		return sid_read(octets, size, &value->sid) == size ? SD_OK : SD_BAD_ACE;
	if (octets[size - 1] == '\0')
		size--;
	if (size >= sizeof(text))
		return SD_BAD_ACE;
	memcpy(text, octets, size);
	text[size] = '\0';
	return sid_parse(text, &value->sid, &end) && end == text + size ? SD_OK : SD_BAD_ACE;
}

static enum sd_error read_value(struct source *source, uint16_t type, uint32_t offset,
				struct attribute_value *value)
{
	if (type_is_number(type))
		return read_number(source, offset, value);
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING)
		return read_string(source, offset, value);
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID)
		return read_sid(source, offset, value);
	return read_octets(source, offset, value);
}

static enum sd_error read_parts(struct source *source, struct attribute *attribute)
{
	uint32_t name = get_le32(source->bytes);
	uint32_t count = get_le32(source->bytes + 12);
	enum sd_error error;
	size_t size;

	if (!type_is_known(attribute->type) || count > ATTRIBUTE_MAX_VALUES ||
	    (source->size - HEADER_SIZE) / OFFSET_SIZE < count)
		return SD_BAD_ACE;
	source->start = HEADER_SIZE + count * OFFSET_SIZE;
	source->left = source->size - source->start;
	if (!find_string(source, name, &size) || size / 2 > ATTRIBUTE_MAX_NAME)
		return SD_BAD_ACE;
	error = attribute_reserve(attribute, size / 2, count);
	if (error)
		return error;
	attribute->name_length = size / 2;
	for (size_t i = 0; i < attribute->name_length; i++)
		attribute->name[i] = get_le16(source->bytes + name + 2 * i);
	for (size_t i = 0; i < count && !error; i++) {
		attribute->count++;
		error = read_value(source, attribute->type,
				   get_le32(source->bytes + HEADER_SIZE + OFFSET_SIZE * i),
				   &attribute->values[i]);
	}
	return error;
}

enum sd_error attribute_read(const uint8_t *bytes, size_t size, struct attribute *attribute)
{
	struct source source = {.bytes = bytes, .size = size};
	struct attribute found = {0};
	enum sd_error error;

	/* an ACE cannot hold more, and offsets have 32 bits */
	if (size < HEADER_SIZE || size > UINT16_MAX)
		return SD_BAD_ACE;
	found.type = get_le16(bytes + 4);
	found.flags = get_le32(bytes + 8);
	error = read_parts(&source, &found);
	if (error) {
		attribute_clear(&found);
		return error;
	}
	*attribute = found;
	return SD_OK;
}

static size_t value_size(uint16_t type, const struct attribute_value *value)
{
	char text[SID_MAX_TEXT];

	if (type_is_number(type))
		return NUMBER_SIZE;
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING)
		return value->size + 2;
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID)
		return 4 + strlen(sid_format(&value->sid, text));
	return 4 + value->size;
}

/* A NUL within would end the text for whoever reads it. */
static bool is_text(const struct attribute_value *value)
{
	if (value->size % 2)
		return false;
	for (size_t at = 0; at < value->size; at += 2) {
		if (get_le16(value->bytes + at) == 0)
			return false;
	}
	return true;
}

static enum sd_error writable_size(const struct attribute *attribute, size_t *size)
{
	if (!type_is_known(attribute->type))
		return SD_BAD_ACE;
	if (attribute->name_length > ATTRIBUTE_MAX_NAME || attribute->count > ATTRIBUTE_MAX_VALUES)
		return SD_TOO_LARGE;
	for (size_t i = 0; i < attribute->name_length; i++) {
		if (!attribute->name[i])
			return SD_BAD_ACE;
	}
	*size = HEADER_SIZE + attribute->count * OFFSET_SIZE + attribute->name_length * 2 + 2;
	for (size_t i = 0; i < attribute->count && *size <= MAX_SIZE; i++) {
		const struct attribute_value *value = &attribute->values[i];

		if (value->size > MAX_SIZE)
			return SD_TOO_LARGE;
		if (attribute->type == CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING && !is_text(value))
			return SD_BAD_ACE;
		*size += value_size(attribute->type, value);
	}
	*size = align4(*size);
	return *size <= MAX_SIZE ? SD_OK : SD_TOO_LARGE;
}

static void write_value(uint16_t type, const struct attribute_value *value, uint8_t *at)
{
	char text[SID_MAX_TEXT];
	const void *octets = value->bytes;
	size_t size = value->size;

	if (type_is_number(type)) {
		put_le32(at, (uint32_t)value->number);
		put_le32(at + 4, (uint32_t)(value->number >> 32));
		return;
	}
	if (type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID) {
		octets = sid_format(&value->sid, text);
		size = strlen(text);
	}
	/* the NUL of a string is there already */
	if (type != CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING) {
		put_le32(at, (uint32_t)size);
		at += 4;
	}
	if (size)
		memcpy(at, octets, size);
}

/* Into @bytes, which are zero. */
static void write_parts(const struct attribute *attribute, uint8_t *bytes)
{
	size_t at = HEADER_SIZE + attribute->count * OFFSET_SIZE;

	put_le32(bytes, (uint32_t)at);
	put_le16(bytes + 4, attribute->type);
	put_le32(bytes + 8, attribute->flags);
	put_le32(bytes + 12, (uint32_t)attribute->count);
	for (size_t i = 0; i < attribute->name_length; i++)
		put_le16(bytes + at + 2 * i, attribute->name[i]);
	at += attribute->name_length * 2 + 2;
	for (size_t i = 0; i < attribute->count; i++) {
		put_le32(bytes + HEADER_SIZE + OFFSET_SIZE * i, (uint32_t)at);
		write_value(attribute->type, &attribute->values[i], bytes + at);
		at += value_size(attribute->type, &attribute->values[i]);
	}
}

enum sd_error attribute_write(const struct attribute *attribute, uint8_t **bytes, size_t *size)
{
	size_t total;
	enum sd_error error = writable_size(attribute, &total);
	uint8_t *written;

	if (error)
		return error;
	written = calloc(1, total);
	if (!written)
		return SD_NO_MEMORY;
	write_parts(attribute, written);
	*bytes = written;
	*size = total;
	return SD_OK;
}

enum sd_error attribute_list_append(struct attribute_list *list, const struct attribute *attribute)
{
	enum sd_error error;

	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 4;
		struct attribute *items = realloc(list->items, room * sizeof(*items));

		if (!items)
			return SD_NO_MEMORY;
		list->items = items;
		list->room = room;
	}
	error = attribute_copy(&list->items[list->count], attribute);
	if (!error)
		list->count++;
	return error;
}

void attribute_list_clear(struct attribute_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		attribute_clear(&list->items[i]);
	free(list->items);
	*list = (struct attribute_list){0};
}

static bool has_name(const struct attribute *attribute, const uint8_t *name, size_t length)
{
	if (attribute->name_length != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		uint16_t unit = get_le16(name + 2 * i);

		if (unit != attribute->name[i] &&
		    utf16_upper(unit) != utf16_upper(attribute->name[i]))
			return false;
	}
	return true;
}

const struct attribute *attribute_list_find(const struct attribute_list *list, const uint8_t *name,
					    size_t length)
{
	for (size_t i = 0; i < list->count; i++) {
		if (has_name(&list->items[i], name, length))
			return &list->items[i];
	}
	return NULL;
}
