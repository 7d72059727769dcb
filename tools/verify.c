/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise verify: what is odd about descriptors.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/lint.h"
#include "acl/well_known.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "keyring/domain.h"
#include "keyring/idmap.h"
#include "keyring/policy.h"
#include "keyring/scoped.h"
#include "people.h"
#include "site.h"
#include "text.h"
#include "walk.h"
#include "whose.h"
#include "why.h"

/* SIDs that were looked up last: trees have few different ones */
#define KNOWN 256

struct verify {
	struct scope scope;
	struct whose_ask ask;
	struct whose_rules rules;
	bool ruled; /* @rules are those of the first object */
	enum format format;
	bool strict, notes;
	unsigned int lints; /* bit 1 << LINT_… of those that are wanted */
	bool named;         /* by --only: notes, too */
	bool found;         /* an error or a warning */
	struct {
		bool used;
		struct sid sid;
		enum lint_known known;
	} known[KNOWN];
};

/* One object of it. */
struct finding_of {
	struct verify *verify;
	const char *path;
	const struct site *site;
	json_t *list;
	int error;
};

/* ---- who is who ---- */

static enum lint_known of_lookup(int error)
{
	if (error == 0 || error == -ENAMETOOLONG)
		return LINT_KNOWN;
	return error == -ENOENT ? LINT_NOBODY : LINT_UNSURE;
}

static enum lint_known look_up(const struct sid *sid)
{
	char name[IDMAP_NAME_MAX];
	enum lint_known known;
	uid_t uid;
	gid_t gid;

	if (sid_to_uid(sid, &uid))
		return of_lookup(idmap_user_name(uid, name, sizeof(name)));
	if (sid_to_gid(sid, &gid))
		return of_lookup(idmap_group_name(gid, name, sizeof(name)));
	if (!sid_is_domain(sid) || well_known_name(sid, NULL))
		return LINT_KNOWN;
	known = of_lookup(domain_name(sid, name, sizeof(name)));
	/* without a service nobody can tell whose it is */
	return known == LINT_NOBODY && !domain_in_use() ? LINT_UNSURE : known;
}

static enum lint_known known(void *context, const struct sid *sid)
{
	struct verify *verify = ((struct finding_of *)context)->verify;
	size_t place = sid_hash(sid) % KNOWN;

	if (!verify->known[place].used || !sid_equal(&verify->known[place].sid, sid)) {
		verify->known[place].used = true;
		verify->known[place].sid = *sid;
		verify->known[place].known = look_up(sid);
	}
	return verify->known[place].known;
}

static bool is_admin(void *context, const struct sid *sid)
{
	const struct verify *verify = ((struct finding_of *)context)->verify;
	uid_t uid;

	return sid_equal(sid, &sid_administrators) || (sid_to_uid(sid, &uid) && uid == 0) ||
	       policy_holds_privilege(verify->rules.policy, sid);
}

/* ---- what was found ---- */

static void print_subject(const struct finding_of *of, const struct lint_finding *finding)
{
	const struct descriptor *sd = of->site->sd;
	bool owner = finding->owner || finding->lint == LINT_OWNER_CHANGES;
	SCOPED_BUFFER char *text = NULL;

	if (finding->ace != LINT_NO_ACE) {
		text = why_ace_text(&finding->one);
		if (finding->lint == LINT_NOT_TAKEN_OVER)
			printf("%s ", text ? text : "?");
		else
			printf("entry %zu, %s, ", finding->ace + 1, text ? text : "?");
	} else if (owner || finding->group) {
		text = people_principal(owner ? &sd->owner : &sd->group);
		printf("the %s, %s, ", owner ? "owner" : "group", text ? text : "?");
	}
}

static void print_text(const struct finding_of *of, const struct lint_finding *finding)
{
	text_print_name(stdout, of->path);
	printf(": %s: %s: ", lint_severity_name(finding->severity), lint_name(finding->lint));
	print_subject(of, finding);
	fputs(lint_text(finding->lint), stdout);
	if (finding->other != LINT_NO_ACE)
		printf(" (entry %zu)", finding->other + 1);
	putchar('\n');
}

static json_t *to_json(const struct finding_of *of, const struct lint_finding *finding)
{
	json_t *object = json_object();

	json_object_set_new(object, "lint", json_string(lint_name(finding->lint)));
	json_object_set_new(object, "severity", json_string(lint_severity_name(finding->severity)));
	json_object_set_new(object, "text", json_string(lint_text(finding->lint)));
	if (finding->ace != LINT_NO_ACE) {
		if (finding->lint != LINT_NOT_TAKEN_OVER)
			json_object_set_new(object, "entry",
					    json_integer((json_int_t)finding->ace));
		json_object_set_new(object, "ace",
				    format_ace(&finding->one, of->site->what.folder));
	}
	if (finding->other != LINT_NO_ACE)
		json_object_set_new(object, "other", json_integer((json_int_t)finding->other));
	if (finding->owner || finding->lint == LINT_OWNER_CHANGES)
		json_object_set_new(object, "owner", format_sid(&of->site->sd->owner));
	if (finding->group)
		json_object_set_new(object, "group", format_sid(&of->site->sd->group));
	return object;
}

static void tell(void *context, const struct lint_finding *finding)
{
	struct finding_of *of = context;
	struct verify *verify = of->verify;

	if (!(verify->lints & 1u << finding->lint) ||
	    (finding->severity == LINT_NOTE && !verify->notes && !verify->named))
		return;
	verify->found |= finding->severity != LINT_NOTE;
	if (verify->format == FORMAT_JSON)
		json_array_append_new(of->list, to_json(of, finding));
	else
		print_text(of, finding);
}

/* ---- going through ---- */

static int print_json(struct finding_of *of)
{
	json_t *object = json_object();

	if (format_put_path(object, of->path) < 0) {
		json_decref(of->list);
		json_decref(object);
		return -ENOMEM;
	}
	json_object_set_new(object, "findings", of->list);
	return format_print(object);
}

static int check(struct verify *verify, const struct visit *visit, const struct site *site,
		 const struct descriptor *parent)
{
	struct finding_of of = {.verify = verify, .path = visit->path, .site = site};
	const struct lint_subject subject = {
		.sd = site->sd,
		.parent = parent,
		.folder = site->what.folder,
		.strict = verify->strict,
		.known = known,
		.is_admin = is_admin,
		.tell = tell,
		.context = &of,
	};
	enum sd_error fault;
	int error = 0;

	if (verify->format == FORMAT_JSON && !(of.list = json_array()))
		return error_report(visit->path, ENOMEM);
	fault = lint_check(&subject);
	if (verify->format == FORMAT_JSON)
		error = print_json(&of);
	if (fault)
		error = -sd_errno(fault);
	return error < 0 ? error_report(visit->path, -error) : STATUS_OK;
}

/* For what is in this folder. */
static void leave_below(const struct visit *visit, struct site *site)
{
	if (!visit->below)
		return;
	*visit->below = site->sd;
	site->sd = NULL;
}

static void free_below(void *below)
{
	descriptor_destroy(below);
}

static int verify_visit(void *context, const struct visit *visit)
{
	SITE_CLEANUP struct site site = SITE_NONE;
	SITE_CLEANUP struct site folder = SITE_NONE;
	struct verify *verify = context;
	const struct descriptor *parent = visit->above;
	int error = site_visit(visit, &site), status = STATUS_OK;

	if (error < 0)
		return error_report(visit->path, -error);
	if (site.error)
		return object_report_read(visit->path, -site.error);
	if (!verify->ruled)
		status = whose_rules(&verify->ask, &site, &verify->rules);
	verify->ruled = status == STATUS_OK;
	/* what cannot be read is not compared with */
	if (!parent && site_above(&site, &folder) == 0)
		parent = folder.sd;
	if (status == STATUS_OK)
		status = check(verify, visit, &site, parent);
	leave_below(visit, &site);
	return status;
}

static int verify_paths(struct verify *verify, char **paths, int count)
{
	const struct walk walk = {
		.scope = &verify->scope,
		.visit = verify_visit,
		.leave = free_below,
		.context = verify,
		.shows_progress = walk_output_is_apart(),
	};
	int status = scope_check(&verify->scope, count);

	if (status == STATUS_OK)
		status = walk_paths(&walk, paths, count);
	whose_rules_clear(&verify->rules);
	return status == STATUS_OK && verify->found ? STATUS_DENIED : status;
}

/* "order,orphan" */
static int read_lints(const char *option, char *text, unsigned int *lints)
{
	enum lint lint;

	*lints = 0;
	for (char *name; (name = strsep(&text, ","));) {
		if (!lint_parse(name, &lint))
			return error_usage("%s %s: no such check", option, name);
		*lints |= 1u << lint;
	}
	return STATUS_OK;
}

enum verify_value {
	VERIFY_FORMAT = 0x300,
	VERIFY_ONLY,
	VERIFY_EXCEPT,
	VERIFY_STRICT,
	VERIFY_NOTES
};

/* STATUS_OK, STATUS_USAGE, or -1 if @option is another one. */
static int take_option(struct verify *verify, int option)
{
	unsigned int lints;
	int status;

	switch (option) {
	case VERIFY_FORMAT:
		return format_read(optarg, 1u << FORMAT_TEXT | 1u << FORMAT_JSON, &verify->format);
	case VERIFY_ONLY:
		verify->named = true;
		return read_lints("--only", optarg, &verify->lints);
	case VERIFY_EXCEPT:
		status = read_lints("--except", optarg, &lints);
		verify->lints &= status == STATUS_OK ? ~lints : ~0u;
		return status;
	case VERIFY_STRICT:
		verify->strict = true;
		return STATUS_OK;
	case VERIFY_NOTES:
		verify->notes = true;
		return STATUS_OK;
	case WHOSE_POLICY:
		whose_option(&verify->ask, option);
		return STATUS_OK;
	default:
		return scope_option(&verify->scope, option) ? STATUS_OK : -1;
	}
}

int verify_run(int argc, char **argv)
{
	static const struct option options[] = {
		SCOPE_OPTIONS,
		{"format", required_argument, NULL, VERIFY_FORMAT},
		{"only", required_argument, NULL, VERIFY_ONLY},
		{"except", required_argument, NULL, VERIFY_EXCEPT},
		{"strict", no_argument, NULL, VERIFY_STRICT},
		{"notes", no_argument, NULL, VERIFY_NOTES},
		{"policy", required_argument, NULL, WHOSE_POLICY},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct verify verify = {.scope.keep_going = true, .lints = ~0u};
	int option;

	while ((option = command_option(argc, argv, ":h" SCOPE_LETTERS, options)) != 0) {
		int status = take_option(&verify, option);

		if (status < 0)
			return command_stop(option);
		if (status != STATUS_OK)
			return status;
	}
	return verify_paths(&verify, argv + optind, argc - optind);
}
