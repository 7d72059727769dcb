/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise sid: who a name or SID is, by all that this host knows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/sddl.h"
#include "acl/well_known.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "keyring/domain.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"
#include "people.h"
#include "text.h"
#include "whose.h"

/* What is known of one SID. */
struct identity {
	struct sid sid;
	const char *type;
	char *name; /* escaped, or NULL */
	char *alias;
	const char *domain; /* what names it: "NT AUTHORITY", the service, or NULL */
	struct domain_ids ids;
	struct sid unix_sid; /* the other SID, if @other */
	bool other;
	bool unsure; /* the domain cannot be asked */
};

static void identity_clear(struct identity *identity)
{
	free(identity->name);
	free(identity->alias);
}

/* "BA"; NULL if it has none. */
static char *find_alias(const struct sid *sid)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *sd = descriptor_create();
	SCOPED_BUFFER char *text = NULL;

	if (!sd)
		return NULL;
	sd->has_owner = true;
	sd->owner = *sid;
	if (sddl_write(sd, NULL, &text) != SD_OK || strlen(text) != 4)
		return NULL;
	return strdup(text + 2);
}

static bool is_label(const struct sid *sid)
{
	return sid->authority[5] == 16;
}

static const char *type_of(const struct identity *identity)
{
	const struct domain_ids *ids = &identity->ids;
	const char *authority = "";

	if (is_label(&identity->sid))
		return "integrity level";
	if (!sid_is_domain(&identity->sid) && well_known_name(&identity->sid, &authority))
		return strcmp(authority, "BUILTIN") == 0 ? "alias" : "well-known";
	if (identity->unsure)
		return "unknown";
	if (ids->has_uid && (ids->is_user || !ids->has_gid))
		return "user";
	if (ids->has_gid)
		return "group";
	return identity->name ? "domain" : "unknown";
}

static void find(const struct sid *sid, struct identity *identity)
{
	int error;

	*identity = (struct identity){.sid = *sid};
	identity->name = people_name(sid);
	identity->alias = find_alias(sid);
	well_known_name(sid, &identity->domain);
	error = domain_ids(sid, &identity->ids);
	identity->unsure = error == -EHOSTDOWN || error == -ETIMEDOUT;
	if (sid_is_domain(sid)) {
		identity->domain = domain_in_use();
		identity->other = identity->ids.has_uid || identity->ids.has_gid;
		identity->unix_sid = identity->ids.has_uid ? sid_from_uid(identity->ids.uid)
							   : sid_from_gid(identity->ids.gid);
	} else if (identity->ids.has_uid) {
		identity->other = domain_user_sid(identity->ids.uid, &identity->unix_sid) == 0;
	} else if (identity->ids.has_gid) {
		identity->other = domain_group_sid(identity->ids.gid, &identity->unix_sid) == 0;
	}
	identity->other = identity->other && !sid_equal(&identity->unix_sid, sid);
	identity->type = type_of(identity);
}

static void print_text(const struct identity *identity)
{
	char text[SID_MAX_TEXT];

	printf("sid:    %s\ntype:   %s\n", sid_format(&identity->sid, text), identity->type);
	if (identity->name)
		printf("name:   %s\n", identity->name);
	if (identity->domain && *identity->domain) {
		fputs("domain: ", stdout);
		text_print(stdout, identity->domain);
		putchar('\n');
	}
	if (identity->ids.has_uid)
		printf("uid:    %u\n", identity->ids.uid);
	if (identity->ids.has_gid)
		printf("gid:    %u\n", identity->ids.gid);
	if (identity->other)
		printf("also:   %s\n", sid_format(&identity->unix_sid, text));
	if (identity->alias)
		printf("alias:  %s\n", identity->alias);
	if (identity->unsure)
		puts("The domain that would know cannot be asked now.");
}

static int print_json(const struct identity *identity)
{
	json_t *object = format_sid(&identity->sid);

	json_object_set_new(object, "type", json_string(identity->type));
	if (identity->domain && *identity->domain)
		json_object_set_new(object, "domain", json_string(identity->domain));
	if (identity->ids.has_uid)
		json_object_set_new(object, "uid", json_integer(identity->ids.uid));
	if (identity->ids.has_gid)
		json_object_set_new(object, "gid", json_integer(identity->ids.gid));
	if (identity->other)
		json_object_set_new(object, "also", format_sid(&identity->unix_sid));
	if (identity->alias)
		json_object_set_new(object, "alias", json_string(identity->alias));
	if (identity->unsure)
		json_object_set_new(object, "unsure", json_true());
	return format_print(object);
}

static int tell(const struct sid *sid, enum format format, bool *begun)
{
	__attribute__((cleanup(identity_clear))) struct identity identity;

	find(sid, &identity);
	if (format == FORMAT_JSON)
		return print_json(&identity);
	if (*begun)
		putchar('\n');
	*begun = true;
	print_text(&identity);
	return 0;
}

/* Many hosts give each account a group of its name. */
static bool group_of_same_name(const char *text, const struct sid *user, struct sid *group)
{
	struct sid again;
	uid_t uid;
	gid_t gid;

	return idmap_user(text, &uid) == 0 && domain_user_sid(uid, &again) == 0 &&
	       sid_equal(&again, user) && idmap_group(text, &gid) == 0 &&
	       domain_group_sid(gid, group) == 0;
}

static int look_up(const char *text, enum format format, bool *begun)
{
	struct sid sid, group;
	int error;

	if (!idmap_sid_parse(text, &sid)) {
		error_about(text, "no such account, group or SID");
		return STATUS_USAGE;
	}
	error = tell(&sid, format, begun);
	if (error == 0 && group_of_same_name(text, &sid, &group))
		error = tell(&group, format, begun);
	return error < 0 ? error_report(text, -error) : STATUS_OK;
}

static int look_up_all(char **texts, int count, enum format format)
{
	int status = STATUS_OK;
	bool begun = false;

	for (int i = 0; i < count; i++) {
		int one = look_up(texts[i], format, &begun);

		if (one != STATUS_OK)
			status = count > 1 ? STATUS_PARTIAL : one;
	}
	return status;
}

int sid_run(int argc, char **argv)
{
	enum { OPTION_FORMAT = 0x300 };
	static const struct option options[] = {
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"policy", required_argument, NULL, WHOSE_POLICY},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	__attribute__((cleanup(whose_rules_clear))) struct whose_rules rules = {0};
	const struct site nowhere = SITE_NONE;
	struct whose_ask ask = {0};
	enum format format = FORMAT_TEXT;
	int option, status = STATUS_OK;

	while ((option = command_option(argc, argv, ":h", options)) != 0) {
		if (option == OPTION_FORMAT)
			status =
				format_read(optarg, 1u << FORMAT_TEXT | 1u << FORMAT_JSON, &format);
		else if (whose_option(&ask, option) <= 0)
			return command_stop(option);
		if (status != STATUS_OK)
			return status;
	}
	if (optind >= argc)
		return error_usage("no NAME or SID given");
	status = whose_rules(&ask, &nowhere, &rules);
	return status == STATUS_OK ? look_up_all(argv + optind, argc - optind, format) : status;
}
