/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise why --id: what the answer to a record's access would be by now, if its object is still
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "acl/token_lines.h"
#include "keyring/scoped.h"
#include "why.h"

static const char note_token[] =
	"the token is the one of the record, which need not be the caller's by now";
static const char note_groups[] = "the record does not have all of its groups";

static const char *field(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static void write_list(FILE *out, const json_t *record, const char *key, const char *word)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(record, key), i, item)
	{
		if (json_is_string(item))
			fprintf(out, "%s %s\n", word, json_string_value(item));
	}
}

/* The token as lines, as far as the record has it. */
static char *token_text(const json_t *record)
{
	const char *client = field(record, "client");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "user %s\n", client);
	write_list(out, record, "groups", "group");
	write_list(out, record, "privileges", "privilege");
	if (field(record, "actor"))
		fprintf(out, "actor %s\n", field(record, "actor"));
	if (field(record, "level"))
		fprintf(out, "level %s\n", field(record, "level"));
	if (strcmp(client, "S-1-5-18") == 0)
		fputs("integrity 0x4000\n", out);
	else if (strcmp(client, "S-1-5-7") == 0)
		fputs("integrity 0x0000\n", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool token_of(const json_t *record, struct whose *whose)
{
	SCOPED_BUFFER char *text = token_text(record);
	json_int_t all = json_integer_value(json_object_get(record, "group_count"));
	struct token *token;

	if (!text || token_lines_read(text, &token) != SD_OK)
		return false;
	whose->kind = WHOSE_RECORD;
	whose->token = token;
	whose->notes[whose->note_count++] = note_token;
	if (all > (json_int_t)json_array_size(json_object_get(record, "groups")) ||
	    json_is_true(json_object_get(record, "groups_partial")))
		whose->notes[whose->note_count++] = note_groups;
	return true;
}

/* What has the record's path on its mount now, without following anybody's links. */
static int open_object(const json_t *record, struct object *object)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	SCOPED_FD root = open(field(record, "mount"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = root < 0 ? -1
			  : (int)syscall(SYS_openat2, root, field(record, "object"), &how,
					 sizeof(how));

	return fd < 0 ? -errno : object_adopt(fd, object);
}

static void print_now(const json_t *record, struct inquiry *inquiry, const struct whose *whose)
{
	const char *then = field(record, "result");
	const char *now;
	struct cure cure;
	struct why why = {
		.asked = field(record, "wanted"),
		.path = inquiry->object.path,
		.whose = whose,
		.inquiry = inquiry,
		.cure = &cure,
	};

	if (inquiry_judge(inquiry, whose->token) < 0 || cure_find(inquiry, whose->token, &cure) < 0)
		return;
	now = why_verdict(inquiry);
	printf("\nBy now the answer %s.  ",
	       then && strcmp(then, now) == 0 ? "is the same" : "has changed");
	why_print_text(&why);
	cure_clear(&cure);
}

void why_now(const json_t *record)
{
	INQUIRY_CLEANUP struct inquiry inquiry = INQUIRY_NONE;
	WHOSE_CLEANUP struct whose whose = {0};
	SCOPED_BUFFER char *path = NULL;
	struct object object = OBJECT_NONE;
	const char *wanted = field(record, "wanted");
	uint32_t rights = wanted ? (uint32_t)strtoul(wanted, NULL, 16) : 0;

	if (!rights || !field(record, "client") || !field(record, "mount") ||
	    !field(record, "object") || json_object_get(record, "object_hex"))
		return;
	inquiry.action = action_of_rights(rights);
	if (open_object(record, &object) < 0) {
		object_close(&object);
		puts("\nThe object is not there any more.");
		return;
	}
	if (asprintf(&path, "%s%s", field(record, "mount"), field(record, "object")) < 0)
		path = NULL;
	if (!path || !object.guisefs || inquiry_adopt(&object, path, &inquiry) < 0 ||
	    inquiry.object.error || !token_of(record, &whose)) {
		object_close(&object);
		return;
	}
	print_now(record, &inquiry, &whose);
}
