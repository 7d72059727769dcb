/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading, replacing and showing the policy. */
#include "fs/policy.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/audit.h"
#include "keyring/defaults.h"
#include "keyring/domain.h"
#include "keyring/resolve.h"

/* Of two reloads at a time the one that read later counts. */
static pthread_mutex_t reloading = PTHREAD_MUTEX_INITIALIZER;

/* With @must the file has to be there, whichever it is. */
static int load(const struct options *options, bool must, struct policy **policy,
		struct policy_fault *fault)
{
	int err = policy_load(options->policy ? options->policy : POLICY_FILE, policy, fault);

	if (err != -ENOENT || options->policy || must)
		return err;
	*policy = policy_builtin();
	return *policy ? 0 : -ENOMEM;
}

int mount_policy_start(const struct options *options, struct policy **policy)
{
	struct policy_fault fault = {.text = "no memory for a policy"};

	if (load(options, false, policy, &fault) == 0) {
		policy_choose_domain(*policy);
		return 0;
	}
	fprintf(stderr, "guisefs: %s\n", fault.text);
	return 2;
}

int mount_policy_reload(struct session *session, struct policy_fault *fault)
{
	struct policy *old, *policy;
	int err;

	snprintf(fault->text, sizeof(fault->text), "no memory for a policy");
	pthread_mutex_lock(&reloading);
	old = resolver_policy(session->resolver);
	/* a file that was there and has gone is no leave to forget what it forbade */
	err = load(session->options, policy_file(old) != NULL, &policy, fault);
	if (err == 0) {
		/* first: what is answered otherwise is of the old policy */
		policy_choose_domain(policy);
		resolver_set_policy(session->resolver, policy);
		audit_note("policy: now as %s says",
			   policy_file(policy) ? policy_file(policy) : "is built in");
		policy_unref(policy);
	} else {
		domain_forget();
		audit_note("policy: kept as it was: %s", fault->text);
	}
	policy_unref(old);
	pthread_mutex_unlock(&reloading);
	return err;
}

/* Is it root itself, whom the share may have squashed? */
static int check_root(struct operation *op)
{
	const struct token *token;
	int err = operation_token(op, false, &token);

	if (err < 0)
		return err;
	return op->caller.uid == 0 && !token_actor(token) ? 0 : -EPERM;
}

int mount_policy_show(struct operation *op, struct node *node, const char *argument)
{
	struct policy *policy;
	int err = check_root(op);
	FILE *out;

	if (err < 0)
		return err;
	out = open_memstream(&op->out.data, &op->out.size);
	if (!out)
		return -ENOMEM;
	policy = resolver_policy(op->session->resolver);
	fprintf(out, "# %s\n", policy_file(policy) ? policy_file(policy) : "built in");
	policy_write(policy, out);
	policy_unref(policy);
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

int mount_policy_defaults(struct operation *op, struct node *node, const char *argument)
{
	char text[DEFAULTS_TEXT];
	struct policy *policy = resolver_policy(op->session->resolver);

	op->out.size = defaults_write(policy_defaults(policy), text);
	policy_unref(policy);
	op->out.data = strdup(text);
	return op->out.data ? 0 : -ENOMEM;
}

int mount_policy_ask(struct operation *op, struct node *node, const char *argument)
{
	struct policy_fault fault;
	int err = check_root(op);

	if (err < 0)
		return err;
	/* who only asks how much room the answer takes has not asked for it yet */
	if (op->room == 0) {
		op->out.size = sizeof(fault.text);
		return 0;
	}
	err = mount_policy_reload(op->session, &fault);
	op->out.data = strdup(err < 0 ? fault.text : "ok");
	if (!op->out.data)
		return -ENOMEM;
	op->out.size = strlen(op->out.data);
	return 0;
}
