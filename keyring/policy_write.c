/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy as text, which reads as the same policy. */
#include <inttypes.h>
#include <string.h>

#include "keyring/policy_parts.h"

/* "name=a,b,c", on as many lines as it takes. */
static void write_list(FILE *out, const char *name, const struct words *words)
{
	size_t width = strlen(name) + 1;

	if (!words->count)
		return;
	fprintf(out, "%s=", name);
	for (size_t i = 0; i < words->count; i++) {
		size_t length = strlen(words->list[i]) + 1;

		/* what goes on after a blank is the same value */
		if (width + length > POLICY_LINE_MAX) {
			fputs("\n ", out);
			width = 1;
		}
		fprintf(out, "%s%s", words->list[i], i + 1 < words->count ? "," : "");
		width += length;
	}
	fputc('\n', out);
}

static void write_flag(FILE *out, const char *name, bool flag, bool otherwise)
{
	if (flag != otherwise)
		fprintf(out, "%s=%s\n", name, flag ? "yes" : "no");
}

static void write_defaults(FILE *out, const struct policy_defaults *defaults)
{
	fprintf(out, "[defaults]\nlevel=%s\n", token_level_name(defaults->level));
	if (defaults->ttl)
		fprintf(out, "ttl=%" PRIu32 "\n", defaults->ttl);
	if (defaults->max_ttl)
		fprintf(out, "max-ttl=%" PRIu32 "\n", defaults->max_ttl);
}

static void write_account(FILE *out, const struct account_entry *entry)
{
	const struct policy_account *account = &entry->account;

	fprintf(out, "[account %s]\n", entry->name);
	write_flag(out, "sensitive", account->sensitive, false);
	write_flag(out, "trusted-for-delegation", account->trusted_for_delegation, false);
	write_list(out, "delegate-to", &entry->targets);
	write_flag(out, "logon", account->logon, false);
	write_flag(out, "impersonate", account->impersonate, true);
}

static void write_peer(FILE *out, const struct peer_entry *entry)
{
	fprintf(out, "[peer %s]\n", entry->host);
	write_list(out, "accounts", &entry->accounts);
	if (entry->domain)
		fprintf(out, "domain=%s\n", entry->domain);
	write_flag(out, "trusted-for-delegation", entry->peer.trusted_for_delegation, false);
}

void policy_write(const struct policy *policy, FILE *out)
{
	write_defaults(out, &policy->defaults);
	if (policy->mapping != DOMAIN_AUTO)
		fprintf(out, "[domain]\nmapping=%s\n", domain_mapping_name(policy->mapping));
	if (policy->has_machine) {
		char text[SID_MAX_TEXT];

		fprintf(out, "machine=%s\n", sid_format(&policy->machine, text));
	}
	for (size_t i = 0; i < policy->accounts.count; i++)
		write_account(out, policy->accounts.list[i]);
	for (size_t i = 0; i < policy->privileges.count; i++) {
		const struct privilege_entry *entry = policy->privileges.list[i];

		fprintf(out, "[privilege %s]\n", token_privilege_name(entry->bit));
		write_list(out, "holders", &entry->holders.names);
	}
	for (size_t i = 0; i < policy->roles.count; i++) {
		const struct role_entry *entry = policy->roles.list[i];

		fprintf(out, "[role %s]\n", entry->name);
		write_list(out, "members", &entry->members.names);
	}
	for (size_t i = 0; i < policy->peers.count; i++)
		write_peer(out, policy->peers.list[i]);
}
