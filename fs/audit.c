/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages.
 */
#include "fs/audit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define OBJECT_SIZE 2048

/* Names come from users: nothing in them may look like another field or line. */
static void escape(const char *in, char out[OBJECT_SIZE])
{
	size_t at = 0;

	for (; *in && at + 5 < OBJECT_SIZE; in++) {
		unsigned char c = (unsigned char)*in;

		if (c > ' ' && c < 0x7f && c != '\\' && c != '"')
			out[at++] = (char)c;
		else
			at += (size_t)snprintf(out + at, OBJECT_SIZE - at, "\\%03o", c);
	}
	out[at] = '\0';
}

void audit_note_refusal(const char *op, const char *path, const struct caller *caller,
			const struct refusal *refusal, const char *id)
{
	char name[OBJECT_SIZE];

	escape(path ? path : "?", name);
	audit_note("refused op=%s object=%s tid=%d uid=%u reason=%s key=%d%s%s: %s", op, name,
		   (int)caller->tid, (unsigned int)caller->uid, reason_name(refusal->reason),
		   (int)refusal->key, id ? " id=" : "", id ? id : "", reason_text(refusal->reason));
}

void audit_refusal(const char *op, const char *object, const struct caller *caller,
		   const struct refusal *refusal)
{
	struct record record = {.kind = RECORD_IDENTITY,
				.operation = op,
				.caller = caller,
				.key = refusal->key,
				.reason = reason_name(refusal->reason)};
	struct audit_entry *entries = NULL;
	const char *id = audit_add(&entries, &record, object);

	audit_note_refusal(op, object, caller, refusal, id);
	audit_write(&entries);
}
