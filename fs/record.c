/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fields of an audit record, in the order in which a reader wants them. */
#include "fs/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "fs/json.h"

static const char *const kinds[RECORD_KINDS] = {
	[RECORD_IDENTITY] = "identity",
	[RECORD_DENIED] = "denied",
	[RECORD_SACL] = "sacl",
	[RECORD_DELEGATION] = "delegation",
	[RECORD_SUPPRESSED] = "suppressed",
};

const char *record_kind_name(enum record_kind kind)
{
	return (unsigned int)kind < RECORD_KINDS ? kinds[kind] : "unknown";
}

static void put_time(struct json *json, const struct timespec *when)
{
	char text[48];
	struct tm tm;
	size_t length;

	gmtime_r(&when->tv_sec, &tm);
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, sizeof(text) - length, ".%09ldZ", when->tv_nsec);
	json_put_text(json, "time", text);
}

static void put_optional(struct json *json, const char *key, const char *text)
{
	if (text)
		json_put_text(json, key, text);
}

static void put_sid(struct json *json, const char *key, const struct sid *sid)
{
	char text[SID_MAX_TEXT];

	json_put_text(json, key, sid_format(sid, text));
}

static void put_caller(struct json *json, const struct record *record)
{
	if (record->caller) {
		json_put_number(json, "tid", (uint64_t)record->caller->tid);
		json_put_number(json, "uid", record->caller->uid);
	}
	if (record->key)
		json_put_number(json, "key", (uint32_t)record->key);
	if (!record->token)
		return;
	put_sid(json, "client", token_user(record->token));
	if (!token_actor(record->token))
		return;
	put_sid(json, "actor", token_actor(record->token));
	json_put_text(json, "level", token_level_name(token_level(record->token)));
}

static void put_groups(struct json *json, const struct record *record)
{
	char text[SID_MAX_TEXT];
	size_t count;
	const struct token_group *groups = token_groups(record->token, &count);

	json_put_number(json, "group_count", count);
	if (record->groups_partial)
		json_put_true(json, "groups_partial");
	json_put_array(json, "groups");
	for (size_t i = 0; i < count && i < RECORD_MAX_GROUPS; i++)
		json_put_element(json, sid_format(&groups[i].sid, text));
	json_put_array_end(json);
}

static void put_privileges(struct json *json, const struct token *token)
{
	uint32_t held = token_privileges(token);

	json_put_array(json, "privileges");
	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1) {
		if (held & bit)
			json_put_element(json, token_privilege_name(bit));
	}
	json_put_array_end(json);
}

static void put_rights(struct json *json, const struct record *record)
{
	if (!record->wanted)
		return;
	json_put_mask(json, "wanted", record->wanted);
	json_put_mask(json, "granted", record->granted_rights);
	if (record->missing)
		json_put_mask(json, "missing", record->missing);
}

/* The ACE alone, as SDDL; without a text, or with a very long one, only its place is told. */
static void put_ace_text(struct json *json, const char *key, const struct acl *acl, size_t place,
			 bool sacl)
{
	struct acl one = {.count = 1, .aces = acl->aces + (place < acl->count ? place : 0)};
	struct descriptor sd = {.control = sacl ? SE_SACL_PRESENT : SE_DACL_PRESENT,
				.dacl = sacl ? NULL : &one,
				.sacl = sacl ? &one : NULL};
	char *text = NULL;

	if (place < acl->count && sddl_write(&sd, NULL, &text) == SD_OK &&
	    strlen(text) <= RECORD_MAX_ACE)
		json_put_text(json, key, text);
	free(text);
}

static void put_aces(struct json *json, const struct record *record)
{
	if (record->ace.known && record->sd->dacl) {
		json_put_number(json, "ace", record->ace.place);
		put_ace_text(json, "ace_sddl", record->sd->dacl, record->ace.place, false);
	}
	if (record->audit_ace.known && record->sd->sacl) {
		json_put_number(json, "audit_ace", record->audit_ace.place);
		json_put_number(json, "audit_aces", record->audit_aces);
		put_ace_text(json, "audit_ace_sddl", record->sd->sacl, record->audit_ace.place,
			     true);
	}
}

static void put_decision(struct json *json, const struct record *record)
{
	json_put_text(json, "result", record->granted ? "granted" : "denied");
	put_optional(json, "operation", record->operation);
	put_optional(json, "share", record->share);
	put_optional(json, "mount", record->mount);
	put_optional(json, "object", record->object);
	if (record->folder)
		json_put_true(json, "folder");
	put_caller(json, record);
	put_rights(json, record);
	put_optional(json, "reason", record->reason);
	put_aces(json, record);
	/* what an explanation needs, and only denials are explained */
	if (record->token && !record->granted) {
		put_privileges(json, record->token);
		put_groups(json, record);
	}
}

static void put_suppressed(struct json *json, const struct record *record)
{
	put_optional(json, "share", record->share);
	put_optional(json, "mount", record->mount);
	json_put_number(json, "uid", record->caller->uid);
	json_put_number(json, "count", record->count);
}

char *record_write(const struct record *record, const char *id, const struct timespec *when,
		   size_t *length)
{
	struct json json;

	json_start(&json);
	put_time(&json, when);
	json_put_text(&json, "id", id);
	json_put_text(&json, "kind", record_kind_name(record->kind));
	if (record->kind == RECORD_SUPPRESSED)
		put_suppressed(&json, record);
	else
		put_decision(&json, record);
	return json_finish(&json, length);
}
