/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deciding, and telling the audit. */
#include "fs/verdict.h"

#include <errno.h>

#include "acl/audit.h"
#include "acl/mask.h"
#include "fs/audit.h"
#include "fs/node.h"

/* A program that says nothing of it means backup where it holds the privilege. */
#define FLAGS ACCESS_BACKUP_INTENT

int verdict_decide(struct operation *op, struct verdict *verdict)
{
	const struct compiled *compiled = interned_compiled(verdict->sd);
	struct access_request request = {.wanted = verdict->wanted, .flags = FLAGS};
	bool groups = interned_names_group(verdict->sd);
	int err = 0;

	/*
	 * What the caller has anyway needs no look at its supplementary groups, which costs more
	 * than all the rest.  With a SACL it does: the groups also say whom it is about.
	 */
	if (groups && !interned_descriptor(verdict->sd)->sacl) {
		err = operation_token(op, false, &request.token);
		if (err == 0 && access_foregone(compiled, &request)) {
			verdict_grant(verdict);
			return 0;
		}
	}
	if (err == 0)
		err = operation_token(op, groups, &request.token);
	if (err < 0)
		return err;
	verdict->result = access_check_compiled(compiled, &request);
	if (verdict->result.status == ACCESS_OK)
		return 0;
	if (verdict->result.status == ACCESS_NO_MEMORY)
		return -ENOMEM;
	if (op->session->options->debug)
		audit_note("denied op=%s tid=%d uid=%u wanted=0x%x missing=0x%x", op->name,
			   (int)op->caller.tid, (unsigned int)op->caller.uid, verdict->wanted,
			   verdict->result.missing);
	return -EACCES;
}

void verdict_grant(struct verdict *verdict)
{
	verdict->result = (struct access_result){.status = ACCESS_OK, .granted = verdict->wanted};
}

void verdict_refuse(struct verdict *verdict, enum denial_reason reason)
{
	verdict->result = (struct access_result){.status = ACCESS_DENIED, .missing = WRITE_OWNER};
	verdict->refused = true;
	verdict->reason = reason;
}

/* The audit ACEs that are hit. */
static size_t find_hits(const struct operation *op, const struct verdict *verdict, bool denied,
			struct record_ace *first)
{
	const struct descriptor *sd = interned_descriptor(verdict->sd);
	size_t count;

	if (!sd->sacl || (verdict->asks && !denied))
		return 0;
	count = access_audit(sd, op->token, &verdict->result, verdict->wanted, &first->place, 1);
	first->known = count > 0;
	return count;
}

static void explain(const struct operation *op, const struct verdict *verdict,
		    struct record *record)
{
	struct denial denial = {.reason = verdict->reason};

	if (!verdict->refused)
		denial = access_denial(interned_descriptor(verdict->sd), op->token,
				       &verdict->result, verdict->wanted, FLAGS);
	record->missing = verdict->result.missing;
	record->granted_rights = record->wanted & ~record->missing;
	record->reason = denial_name(denial.reason);
	record->ace = (struct record_ace){denial.has_ace, denial.ace};
}

static void tell(struct operation *op, const struct verdict *verdict, struct record *record)
{
	char path[RECORD_MAX_OBJECT];

	record->operation = op->name;
	record->folder = node_type(verdict->node) == S_IFDIR;
	record->caller = &op->caller;
	record->token = op->token;
	record->groups_partial = !op->groups && !token_actor(op->token);
	record->sd = interned_descriptor(verdict->sd);
	record->wanted = mask_map_generic(verdict->wanted);
	if (record->granted)
		record->granted_rights = verdict->result.granted;
	else
		explain(op, verdict, record);
	audit_add(&op->audit, record, operation_path(verdict->node, path, sizeof(path)));
}

int verdict_settle(struct operation *op, const struct verdict *verdict, int err)
{
	bool denied = err == -EACCES || err == -EPERM;
	struct record record = {.granted = !denied};

	/* a refused identity has its own record, other errors are no decision */
	if (!audit_records() || !op->token || !verdict->sd || (err < 0 && !denied))
		return err;
	record.audit_aces = find_hits(op, verdict, denied, &record.audit_ace);
	record.kind = record.audit_aces ? RECORD_SACL : RECORD_DENIED;
	if (record.audit_aces || denied)
		tell(op, verdict, &record);
	return err;
}
