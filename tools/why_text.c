/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guise why for people. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl/denial.h"
#include "acl/mask.h"
#include "acl/sddl.h"
#include "ancestry.h"
#include "entry.h"
#include "keyring/policy.h"
#include "keyring/scoped.h"
#include "lag.h"
#include "people.h"
#include "text.h"
#include "why.h"

#define LABEL 12
/* an entry may be wider, but then does not push its effect aside */
#define ENTRY_WIDTH 30
/* groups that no entry names; JSON has all */
#define UNNAMED_MAX 6

static void label(const char *name)
{
	printf("%-*s", LABEL, name);
}

const char *why_verdict(const struct inquiry *inquiry)
{
	if (inquiry_granted(inquiry))
		return "granted";
	return inquiry_unknown(inquiry) ? "unknown" : "denied";
}

const char *why_no_change(const struct why *why)
{
	const struct inquiry *inquiry = why->inquiry;

	if (why->cure->why_not == REMEDY_NOT_ONE &&
	    (inquiry->way_unknown || inquiry_unknown(inquiry)))
		return "not all that decides can be read";
	return remedy_why_not_text(why->cure->why_not);
}

const char *why_kind_text(enum whose_kind kind)
{
	static const char *const texts[] = {
		[WHOSE_ACCOUNT] = "as the user database has it",
		[WHOSE_SID] = "by this SID alone",
		[WHOSE_CALLER] = "as the mount sees you",
		[WHOSE_THREAD] = "as the mount sees that thread",
		[WHOSE_CLIENT] = "as the client of that token key",
		[WHOSE_RECORD] = "as the record has it",
	};

	return texts[kind];
}

/* @ace as SDDL, without "D:". */
static char *sddl_of(const struct ace *ace)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *sd = descriptor_create();
	SCOPED_BUFFER char *text = NULL;
	struct acl *acl = acl_create();
	enum sd_error fault = acl ? acl_append(acl, ace) : SD_NO_MEMORY;

	if (!sd || fault) {
		acl_destroy(acl);
		return NULL;
	}
	descriptor_set_dacl(sd, acl);
	fault = sddl_write(sd, NULL, &text);
	if (fault == SD_NO_TEXT)
		return asprintf(&text, "(type 0x%02x)", ace->type) < 0 ? NULL : strdup(text);
	return fault ? NULL : text_escape(text + 2, strlen(text + 2));
}

char *why_ace_text(const struct ace *ace)
{
	SCOPED_BUFFER char *entry = NULL;

	if (!entry_is_plain(ace))
		return sddl_of(ace);
	if (entry_write(ace, &entry) != SD_OK)
		return NULL;
	return text_escape(entry, strlen(entry));
}

char *why_rights_text(uint32_t rights, bool folder)
{
	SCOPED_BUFFER char *words = people_rights(rights, folder);
	char names[MASK_MAX_TEXT];
	char *text = NULL;

	mask_format(rights, folder, names);
	if (!words || strcmp(words, names) == 0)
		return words ? strdup(names) : NULL;
	return asprintf(&text, "%s (0x%08x)", words, rights) < 0 ? NULL : text;
}

static void print_rights(uint32_t rights, bool folder)
{
	SCOPED_BUFFER char *text = why_rights_text(rights, folder);

	fputs(text ? text : "?", stdout);
}

static void print_principal(const struct sid *sid)
{
	SCOPED_BUFFER char *name = people_principal(sid);

	fputs(name ? name : "?", stdout);
}

/* ---- the token ---- */

static bool sd_names(const struct descriptor *sd, const struct sid *sid)
{
	if (!sd)
		return false;
	if (sd->has_owner && sid_equal(&sd->owner, sid))
		return true;
	for (size_t i = 0; sd->dacl && i < sd->dacl->count; i++) {
		if (!sd->dacl->aces[i].opaque && sid_equal(&sd->dacl->aces[i].sid, sid))
			return true;
	}
	return false;
}

/* Is @sid named where it was looked? */
static bool matters(const struct inquiry *inquiry, const struct sid *sid)
{
	return sd_names(inquiry->object.sd, sid) ||
	       (inquiry->has_folder && sd_names(inquiry->folder.sd, sid)) ||
	       (inquiry->has_target && sd_names(inquiry->target.sd, sid)) ||
	       (inquiry->barrier && sd_names(inquiry->barrier->sd, sid));
}

static bool is_told(const struct why *why, const struct token_group *groups, size_t i)
{
	return !sid_equal(&groups[i].sid, token_user(why->whose->token)) &&
	       !whose_repeats(groups, i);
}

/* Those that an entry names, or those that none does; the number of them. */
static size_t print_some(const struct why *why, bool named, const char *head)
{
	size_t count, all = 0;
	const struct token_group *groups = token_groups(why->whose->token, &count);

	for (size_t i = 0; i < count; i++) {
		if (!is_told(why, groups, i) || matters(why->inquiry, &groups[i].sid) != named)
			continue;
		/* those who matter are told all */
		if (++all > UNNAMED_MAX && !named)
			continue;
		fputs(all == 1 ? head : ", ", stdout);
		print_principal(&groups[i].sid);
		if (groups[i].attributes & SE_GROUP_USE_FOR_DENY_ONLY)
			fputs(" (for denying only)", stdout);
	}
	if (!named && all > UNNAMED_MAX)
		printf(", and %zu more", all - UNNAMED_MAX);
	if (all)
		putchar('\n');
	return all;
}

static void print_groups(const struct why *why)
{
	size_t named;

	label("groups:");
	named = print_some(why, true, "");
	/* below the others, or behind the label */
	if (!print_some(why, false, named ? "            no entry names: " : "no entry names: ") &&
	    !named)
		puts("none");
}

static void print_powers(const struct token *token)
{
	size_t count;
	const struct sid *restricted = token_restricted(token, &count);
	bool first = true;

	for (uint32_t bit = 1; bit & SE_ALL_PRIVILEGES; bit <<= 1) {
		if (!(token_privileges(token) & bit))
			continue;
		if (first)
			label("privileges:");
		printf("%s%s", first ? "" : ", ", token_privilege_name(bit));
		first = false;
	}
	if (!first)
		putchar('\n');
	for (size_t i = 0; i < count; i++) {
		label(i ? "" : "restricted:");
		print_principal(&restricted[i]);
		putchar('\n');
	}
	if (token_rights(token) != UINT32_MAX) {
		label("at most:");
		print_rights(token_rights(token), false);
		putchar('\n');
	}
}

static void print_who(const struct why *why)
{
	const struct whose *whose = why->whose;
	const struct token *token = whose->token;
	char sid[SID_MAX_TEXT];

	label("who:");
	print_principal(token_user(token));
	printf(" (%s), %s\n", sid_format(token_user(token), sid), why_kind_text(whose->kind));
	if (token_actor(token) && whose->kind >= WHOSE_CALLER) {
		label("level:");
		printf("%s, for whom acts ", token_level_name(token_level(token)));
		print_principal(token_actor(token));
		putchar('\n');
	}
	print_groups(why);
	print_powers(token);
}

/* ---- the steps ---- */

static void print_effect(const struct trace_step *step, bool folder)
{
	if (step->gave) {
		fputs("gives ", stdout);
		print_rights(step->gave, folder);
	}
	if (step->took) {
		fputs("takes ", stdout);
		print_rights(step->took, folder);
	}
}

static int print_ace_step(const struct why *why, const struct site *site,
			  const struct trace_step *step)
{
	const struct ace *ace = &site->sd->dacl->aces[step->ace];
	SCOPED_BUFFER char *entry = why_ace_text(ace);
	struct ancestry above = {.object = site};
	struct trail trail;
	int error = entry ? 0 : -ENOMEM;

	if (error < 0)
		return error;
	printf("  %2zu  ", step->ace + 1);
	text_pad(stdout, entry, ENTRY_WIDTH);
	fputs("  ", stdout);
	if (step->gave || step->took)
		print_effect(step, site->what.folder);
	else
		fputs(trace_reason_string(step->reason), stdout);
	putchar('\n');
	if (!(ace->flags & INHERITED_ACE))
		return 0;
	error = trail_follow(&above, ace, &trail);
	if (error == 0) {
		SCOPED_BUFFER char *text = trail_text(&trail);

		printf("      inherited %s\n", text ? text : "?");
	}
	ancestry_clear(&above);
	return error;
}

static int print_step(const struct why *why, const struct site *site, const struct trace_step *step,
		      bool *central)
{
	/* the entries of a central policy are not the object's */
	*central |= step->event == TRACE_CENTRAL_POLICY || step->event == TRACE_RECOVERY_POLICY;
	if (step->event == TRACE_ACE && !*central)
		return print_ace_step(why, site, step);
	printf("   -  ");
	text_pad(stdout, trace_event_string(step->event), ENTRY_WIDTH);
	if (step->gave || step->took) {
		fputs("  ", stdout);
		print_effect(step, site->what.folder);
	}
	putchar('\n');
	return 0;
}

static int print_steps(const struct why *why, const struct site *site,
		       const struct explanation *explanation)
{
	size_t count;
	const struct trace_step *steps = trace_steps(explanation->trace, &count);
	bool central = false;
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = print_step(why, site, &steps[i], &central);
	return error;
}

static void print_reason(const struct site *site, const struct explanation *explanation)
{
	if (explanation_granted(explanation))
		return;
	label("reason:");
	printf("%s: %s\n", denial_name(explanation->denial.reason),
	       denial_text(explanation->denial.reason));
	if (!explanation->result.missing)
		return;
	label("missing:");
	print_rights(explanation->result.missing, site->what.folder);
	putchar('\n');
}

static int print_explained(const struct why *why, const struct site *site,
			   const struct explanation *explanation, const char *need)
{
	label(need);
	print_rights(explanation->wanted, site->what.folder);
	fputs(" on ", stdout);
	text_print_name(stdout, site->path);
	printf(": %s\n", explanation_granted(explanation) ? "granted" : "denied");
	print_reason(site, explanation);
	return print_steps(why, site, explanation);
}

static void print_unread(const struct site *site, const char *need)
{
	label(need);
	if (!site) {
		puts("a right on the folder it lies in, of which there is none to see");
		return;
	}
	text_print_name(stdout, site->path);
	printf(": its descriptor cannot be read: %s\n", strerror(-site->error));
}

static int print_part(const struct why *why, const struct action_part *part)
{
	int error = 0;

	for (size_t i = 0; i < part->count && error == 0; i++) {
		const struct action_check *check = &part->checks[i];
		const struct site *site = inquiry_site(why->inquiry, check->where);

		putchar('\n');
		if (!check->known)
			print_unread(site, i ? "or:" : "needs:");
		else
			error = print_explained(why, site, &check->explanation,
						i ? "or:" : "needs:");
	}
	if (part->granted && part->by == ACTION_BY_POSIX)
		puts("But the descriptor just says what a mode says, and POSIX allows it to who "
		     "may write.");
	if (part->granted && part->by == ACTION_BY_STICKY)
		puts("But the folder is sticky by its mode, in which owners may remove what is "
		     "theirs.");
	return error;
}

static int print_parts(const struct why *why)
{
	const struct inquiry *inquiry = why->inquiry;
	const struct action_ruling *ruling = &inquiry->ruling;
	int error = 0;

	if (ruling->level_low)
		puts("\nThe client only lets itself be identified: nothing opens at this level.");
	if (inquiry->barrier) {
		puts("\nIt cannot be reached: a folder on the way may not be passed.");
		error = print_explained(why, inquiry->barrier, &inquiry->passing, "needs:");
	}
	for (size_t i = 0; i < ruling->count && error == 0; i++)
		error = print_part(why, &ruling->parts[i]);
	return error;
}

/* ---- the change ---- */

static void print_command(void *context, const char *command)
{
	bool *first = context;

	label(*first ? "" : "");
	text_print(stdout, command);
	putchar('\n');
	*first = false;
}

static void count_command(void *context, const char *command)
{
	size_t *count = context;

	(*count)++;
}

static int print_cure(const struct why *why)
{
	const struct cure *cure = why->cure;
	bool first = true;
	size_t count = 0;
	int error;

	putchar('\n');
	if (!cure->complete) {
		label("change:");
		printf("none: %s\n", why_no_change(why));
		return 0;
	}
	error = cure_commands(cure, count_command, &count);
	if (error < 0)
		return error;
	label("change:");
	printf("%s would make it %s:\n", count > 1 ? "these together" : "this",
	       inquiry_granted(why->inquiry) ? "denied" : "granted");
	return cure_commands(cure, print_command, &first);
}

/* A folder above may have what is missing here, and not have handed it down. */
static int print_lag(const struct why *why)
{
	ANCESTRY_CLEANUP struct ancestry above = {.object = &why->inquiry->object};
	const struct site *folder;
	int error = lag_find(&above, &folder);

	if (error < 0 || !folder)
		return error;
	label("note:");
	text_print_name(stdout, folder->path);
	puts(" has entries for what is in it that were not handed down");
	label("");
	puts("(guise propagate does that)");
	return 0;
}

static void print_notes(const struct why *why)
{
	const struct inquiry *inquiry = why->inquiry;

	for (size_t i = 0; i < why->whose->note_count; i++) {
		label("not known:");
		puts(why->whose->notes[i]);
	}
	if (inquiry->way_unknown && !inquiry->unread) {
		label("not known:");
		puts("whether all folders on the way may be passed: not all can be opened");
	} else if (inquiry->way_unknown) {
		label("not known:");
		fputs("whether ", stdout);
		text_print_name(stdout, inquiry->unread->path);
		puts(", which is on the way, may be passed");
	}
	if (inquiry->object.no_sacl) {
		label("not known:");
		puts("the SACL, if there is one, with labels and attributes: it takes "
		     "SeSecurityPrivilege to see");
	}
	if (inquiry->object.origin != ORIGIN_MOUNT && inquiry->object.origin != ORIGIN_FILE) {
		label("not known:");
		puts("what the options of a mount add; this is its backing folder");
	}
}

int why_print_text(const struct why *why)
{
	int error;

	printf("%s: ", why_verdict(why->inquiry));
	text_print(stdout, why->asked);
	if (why->inquiry->action.meaning)
		printf(" (%s)", why->inquiry->action.meaning);
	fputs(" on ", stdout);
	text_print_name(stdout, why->path);
	putchar('\n');
	print_who(why);
	error = print_parts(why);
	if (error == 0)
		error = print_cure(why);
	if (error == 0 && !inquiry_granted(why->inquiry))
		error = print_lag(why);
	print_notes(why);
	return error;
}
