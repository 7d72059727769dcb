/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise who-can: who may do something with a file or folder.  Each of those whom its descriptor
 * names, or one of a folder that must be passed, or to whom the policy gives privileges, and the
 * members of the groups among them, is judged, not guessed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "format.h"
#include "inquiry.h"
#include "keyring/domain.h"
#include "keyring/policy.h"
#include "keyring/scoped.h"
#include "members.h"
#include "people.h"
#include "text.h"
#include "walk.h"
#include "whose.h"
#include "why.h"

/* One of those who are judged. */
struct candidate {
	struct sid sid;
	struct sid group; /* the group named that it is in, if @member */
	bool member;
	bool is_group; /* of Unix: what its members have is judged besides */
	bool granted;
	bool unknown;
};

struct candidates {
	size_t count;
	struct candidate *list;
	/* who is not known: */
	bool no_members; /* all members of a group */
	bool no_folder;  /* whom a folder on the way lets pass */
	bool no_policy;  /* who has privileges */
};

#define CANDIDATES_CLEANUP __attribute__((cleanup(candidates_clear)))

struct who_can {
	struct scope scope;
	struct whose_ask ask;
	const char *asked;
	struct action action;
	enum format format;
	bool all; /* tell those, too, who may not */
	bool begun, any, unknown;
};

static void candidates_clear(struct candidates *candidates)
{
	free(candidates->list);
}

static int add(struct candidates *candidates, const struct candidate *candidate)
{
	struct candidate *list;

	for (size_t i = 0; i < candidates->count; i++) {
		if (sid_equal(&candidates->list[i].sid, &candidate->sid))
			return 0;
	}
	list = reallocarray(candidates->list, candidates->count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	candidates->list = list;
	candidates->list[candidates->count++] = *candidate;
	return 0;
}

static int add_members(struct candidates *candidates, const struct sid *group, gid_t gid)
{
	MEMBERS_CLEANUP struct members members = {0};
	struct candidate member = {.group = *group, .member = true};
	int error = members_find(gid, &members);

	candidates->no_members |= members.partial;
	for (size_t i = 0; i < members.count && error == 0; i++) {
		if (domain_user_sid(members.uids[i], &member.sid) < 0)
			candidates->no_members = true;
		else
			error = add(candidates, &member);
	}
	return error == -ENOENT ? 0 : error;
}

/* Whom nobody is: what stands for the owner, or for whoever will make a child. */
static bool is_placeholder(const struct sid *sid)
{
	return sid_equal(sid, &sid_owner_rights) || sid_equal(sid, &sid_creator_owner) ||
	       sid_equal(sid, &sid_creator_group);
}

static int add_sid(struct candidates *candidates, const struct sid *sid)
{
	struct candidate candidate = {.sid = *sid};
	struct domain_ids ids = {0};
	int error;

	if (is_placeholder(sid))
		return 0;
	error = domain_ids(sid, &ids);
	/* root by both of its SIDs */
	if (error == 0 && ids.has_uid && ids.uid == 0)
		candidate.sid = sid_system;
	if (error < 0)
		candidates->no_members = true;
	candidate.is_group = error == 0 && ids.has_gid && !ids.has_uid;
	error = add(candidates, &candidate);
	return error == 0 && candidate.is_group ? add_members(candidates, sid, ids.gid) : error;
}

static int add_named(struct candidates *candidates, const struct descriptor *sd)
{
	int error = sd && sd->has_owner ? add_sid(candidates, &sd->owner) : 0;

	for (size_t i = 0; sd && sd->dacl && i < sd->dacl->count && error == 0; i++) {
		const struct ace *ace = &sd->dacl->aces[i];

		if (!ace->opaque && !(ace->flags & INHERIT_ONLY_ACE))
			error = add_sid(candidates, &ace->sid);
	}
	if (error == 0 && sd && !sd->dacl)
		error = add_sid(candidates, &sid_everyone);
	return error;
}

static int add_passing(void *context, const struct site *folder)
{
	struct candidates *candidates = context;

	if (!folder || !folder->sd) {
		candidates->no_folder = true;
		return 0;
	}
	return add_named(candidates, folder->sd);
}

static int add_holder(void *context, const struct sid *sid)
{
	return add_sid(context, sid);
}

/* All who could have it; root has privileges whatever is named. */
static int find_candidates(struct inquiry *inquiry, const struct whose_rules *rules,
			   struct candidates *candidates)
{
	int error = add_named(candidates, inquiry->object.sd);

	if (error == 0 && inquiry->has_folder)
		error = add_named(candidates, inquiry->folder.sd);
	if (error == 0)
		error = add_sid(candidates, &sid_system);
	if (error == 0)
		error = inquiry_way(inquiry, add_passing, candidates);
	/* where root is squashed, nobody has any */
	if (error < 0 || rules->squash_root)
		return error;
	candidates->no_policy = rules->policy_unknown;
	return policy_each_holder(rules->policy, add_holder, candidates);
}

static int judge(struct inquiry *inquiry, const struct whose_rules *rules,
		 struct candidate *candidate)
{
	WHOSE_CLEANUP struct whose whose = {0};
	int error = whose_of(&candidate->sid, rules, &whose);

	if (error == -ENOMEM)
		return error;
	/* whom a domain does not tell now, or a squashed root */
	candidate->unknown = error == -EHOSTDOWN || error == -ETIMEDOUT;
	if (error < 0)
		return 0;
	error = inquiry_judge(inquiry, whose.token);
	candidate->granted = inquiry_granted(inquiry);
	candidate->unknown = inquiry_unknown(inquiry);
	return error;
}

static const char *word(const struct candidate *candidate)
{
	if (candidate->granted)
		return "granted";
	return candidate->unknown ? "unknown" : "denied";
}

static bool is_told(const struct who_can *who_can, const struct candidate *candidate)
{
	return who_can->all || candidate->granted || candidate->unknown;
}

static void print_candidate(const struct who_can *who_can, const struct candidate *candidate)
{
	SCOPED_BUFFER char *name = people_principal(&candidate->sid);
	SCOPED_BUFFER char *group = candidate->member ? people_principal(&candidate->group) : NULL;

	fputs("  ", stdout);
	if (who_can->all || !candidate->granted)
		printf("%-9s", word(candidate));
	fputs(name ? name : "?", stdout);
	if (group)
		printf(", in %s", group);
	if (candidate->is_group)
		fputs(", by itself", stdout);
	putchar('\n');
}

static void print_partial(const struct candidates *candidates)
{
	if (candidates->no_members)
		puts("not known: further members of groups of the domain");
	if (candidates->no_folder)
		puts("not known: whom a folder on the way lets pass: its descriptor cannot be "
		     "read");
	if (candidates->no_policy)
		puts("not known: who has privileges: the mount's policy is not shown to you");
}

static void print_text(struct who_can *who_can, const char *path,
		       const struct candidates *candidates)
{
	size_t told = 0;

	if (who_can->begun)
		putchar('\n');
	who_can->begun = true;
	text_print(stdout, who_can->asked);
	fputs(" on ", stdout);
	text_print_name(stdout, path);
	fputs(":\n", stdout);
	for (size_t i = 0; i < candidates->count; i++) {
		if (!is_told(who_can, &candidates->list[i]))
			continue;
		print_candidate(who_can, &candidates->list[i]);
		told++;
	}
	if (!told)
		puts("  nobody");
	print_partial(candidates);
}

static json_t *json_candidate(const struct candidate *candidate)
{
	json_t *object = format_sid(&candidate->sid);

	json_object_set_new(object, "verdict", json_string(word(candidate)));
	if (candidate->member)
		json_object_set_new(object, "in", format_sid(&candidate->group));
	if (candidate->is_group)
		json_object_set_new(object, "group", json_true());
	return object;
}

static bool is_partial(const struct candidates *candidates)
{
	return candidates->no_members || candidates->no_folder || candidates->no_policy;
}

static int print_json(const struct who_can *who_can, const char *path,
		      const struct candidates *candidates)
{
	json_t *object = json_object(), *list = json_array();

	if (format_put_path(object, path) < 0) {
		json_decref(list);
		json_decref(object);
		return -ENOMEM;
	}
	json_object_set_new(object, "asked", json_string(who_can->asked));
	for (size_t i = 0; i < candidates->count; i++) {
		if (is_told(who_can, &candidates->list[i]))
			json_array_append_new(list, json_candidate(&candidates->list[i]));
	}
	json_object_set_new(object, "who", list);
	json_object_set_new(object, "partial", json_boolean(is_partial(candidates)));
	return format_print(object);
}

static int tell(struct who_can *who_can, const char *path, struct inquiry *inquiry,
		const struct whose_rules *rules)
{
	CANDIDATES_CLEANUP struct candidates candidates = {0};
	int error = find_candidates(inquiry, rules, &candidates);

	for (size_t i = 0; i < candidates.count && error == 0; i++) {
		error = judge(inquiry, rules, &candidates.list[i]);
		who_can->any |= candidates.list[i].granted;
		who_can->unknown |= candidates.list[i].unknown;
	}
	if (error == 0 && who_can->format == FORMAT_JSON)
		error = print_json(who_can, path, &candidates);
	else if (error == 0)
		print_text(who_can, path, &candidates);
	return error < 0 ? error_report(path, -error) : STATUS_OK;
}

static int who_can_visit(void *context, const struct visit *visit)
{
	__attribute__((cleanup(whose_rules_clear))) struct whose_rules rules = {0};
	INQUIRY_CLEANUP struct inquiry inquiry = INQUIRY_NONE;
	struct who_can *who_can = context;
	int status;

	inquiry.action = who_can->action;
	status = inquiry_visit(visit, &inquiry);
	if (status == STATUS_OK && inquiry.object.error)
		return object_report_read(visit->path, -inquiry.object.error);
	if (status == STATUS_OK)
		status = whose_rules(&who_can->ask, &inquiry.object, &rules);
	return status == STATUS_OK ? tell(who_can, visit->path, &inquiry, &rules) : status;
}

static int who_can_paths(struct who_can *who_can, char **paths, int count)
{
	const struct walk walk = {
		.scope = &who_can->scope, .visit = who_can_visit, .context = who_can};
	int status = inquiry_action(who_can->asked, &who_can->action);

	if (status == STATUS_OK)
		status = scope_check(&who_can->scope, count);
	if (status == STATUS_OK)
		status = walk_paths(&walk, paths, count);
	if (status == STATUS_OK && who_can->unknown)
		return STATUS_FAILED;
	return status == STATUS_OK && !who_can->any ? STATUS_DENIED : status;
}

int who_can_run(int argc, char **argv)
{
	enum { OPTION_FORMAT = 0x300 };
	static const struct option options[] = {
		SCOPE_OPTIONS,
		{"policy", required_argument, NULL, WHOSE_POLICY},
		{"format", required_argument, NULL, OPTION_FORMAT},
		{"all", no_argument, NULL, 'a'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct who_can who_can = {.scope.keep_going = true};
	int option, status;

	while ((option = command_option(argc, argv, ":ha" SCOPE_LETTERS, options)) != 0) {
		if (option == OPTION_FORMAT) {
			status = format_read(optarg, 1u << FORMAT_TEXT | 1u << FORMAT_JSON,
					     &who_can.format);
			if (status != STATUS_OK)
				return status;
		} else if (option == 'a') {
			who_can.all = true;
		} else if (whose_option(&who_can.ask, option) <= 0 &&
			   !scope_option(&who_can.scope, option)) {
			return command_stop(option);
		}
	}
	if (optind >= argc)
		return error_usage("expected RIGHT or OPERATION, and PATH");
	who_can.asked = argv[optind++];
	return who_can_paths(&who_can, argv + optind, argc - optind);
}
