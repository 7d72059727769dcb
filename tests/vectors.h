/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of the vector driver share: the count of passed, failed and
 * skipped cases, and one function per kind of line.
 */
#ifndef GUISE_TESTS_VECTORS_H
#define GUISE_TESTS_VECTORS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acl/descriptor.h"
#include "acl/sid.h"
#include "acl/token.h"

/* Reasons for skipping that are counted apart. */
#define REPORT_MAX_REASONS 16

/* Where the driver is, and what came of the lines before. */
struct vector_report {
	const char *file; /* base name of the file being read */
	unsigned long line;
	const char *id; /* of the case; "" if it has none */
	unsigned long passed;
	unsigned long failed;
	unsigned long skipped;
	struct {
		const char *reason;
		unsigned long count;
	} reasons[REPORT_MAX_REASONS];
};

/* The case of the current line passed. */
void report_pass(struct vector_report *report);

/*
 * The case of the current line failed: prints "file:line id " and the
 * message, "FIELD expected … got …".  At most one of pass, fail and skip is
 * reported for a case.
 */
void report_fail(struct vector_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The case of the current line was not tried; @reason is a static string. */
void report_skip(struct vector_report *report, const char *reason);

/*
 * The string field @name of @line as bytes.  Allocates *@bytes (free());
 * returns false, storing nothing, if the field is missing, null or no hexadecimal.
 */
bool vector_bytes(const json_t *line, const char *name, uint8_t **bytes, size_t *size);

/*
 * The field @name of @line, a self-relative descriptor in hexadecimal, decoded
 * (caller frees), or NULL.
 */
struct descriptor *vector_descriptor(const json_t *line, const char *name);

/* The field @name of @line, a SID in text form; false if it is missing or malformed. */
bool vector_sid(const json_t *line, const char *name, struct sid *sid);

/* The field @name of @line, a mask as hexadecimal text; false if it is missing or malformed. */
bool vector_mask(const json_t *line, const char *name, uint32_t *mask);

/*
 * The same for fields that a case cannot do without: what is missing or malformed is reported as
 * the failure of the case, and the result is NULL or false.
 */
const char *need_text(const json_t *line, const char *name, struct vector_report *report);
bool need_flag(const json_t *line, const char *name, bool *flag, struct vector_report *report);
bool need_mask(const json_t *line, const char *name, uint32_t *mask, struct vector_report *report);
bool need_sid(const json_t *line, const char *name, struct sid *sid, struct vector_report *report);
struct descriptor *need_descriptor(const json_t *line, const char *name,
				   struct vector_report *report);
/* A list whose elements are all texts (any elements if not @texts). */
const json_t *need_list(const json_t *line, const char *name, bool texts,
			struct vector_report *report);

/* The field "type": "file" or "dir". */
bool need_type(const json_t *line, bool *folder, struct vector_report *report);

/* The field "token" of an access check: user, groups, privileges, claims (caller unrefs). */
struct token *need_token(const json_t *line, struct vector_report *report);

/* for __attribute__((cleanup)) */
void vector_token_freep(struct token **token);

/* One line of a kind of file; reports exactly one result. */
void vectors_sddl(json_t *line, struct vector_report *report);
void vectors_ntacl(json_t *line, struct vector_report *report);
void vectors_access(json_t *line, struct vector_report *report);
void vectors_inherit(json_t *line, struct vector_report *report);
void vectors_label(json_t *line, struct vector_report *report);
void vectors_fs(json_t *line, struct vector_report *report);

/* A hexadecimal dump of one attribute security.NTACL; one result for the file, which it changes. */
void vectors_dump(char *text, struct vector_report *report);

/* A recording of Windows: an object of {SDDL: descriptor}; a result per entry. */
void vectors_windows(json_t *object, struct vector_report *report);

/* A line "input -> what Windows writes" of a recording; changes @line. */
void vectors_accepted(char *line, struct vector_report *report);
void vectors_refused(char *line, struct vector_report *report);
void vectors_weird(char *line, struct vector_report *report);

#endif
