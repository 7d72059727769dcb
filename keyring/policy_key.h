/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sections and keys of a policy file, as policy_read.c meets them; private to
 * keyring/policy*.c.
 */
#ifndef GUISE_KEYRING_POLICY_KEY_H
#define GUISE_KEYRING_POLICY_KEY_H

#include "keyring/policy_parts.h"

struct policy_reader;
struct policy_section;

/* What can be set, and how. */
struct policy_key {
	const char *name;
	/* Takes one value, or one item of a list.  NULL or what was expected. */
	const char *(*take)(struct policy_reader *reader, const char *value);
	/* For a list: how much is in it.  NULL: one value on one line. */
	size_t *(*count)(struct policy_reader *reader);
};

/* A file on its way to be a policy. */
struct policy_reader {
	const char *bytes;
	size_t length, at;
	const char *file;
	struct policy *policy;
	struct policy_fault *fault;
	bool failed;    /* and *fault tells why */
	bool no_memory; /* or this is why */
	unsigned int line;
	bool continued; /* the line goes on with the last key's list */
	unsigned int sections;
	const struct policy_section *section;
	unsigned int section_line;
	void *entry;       /* of the policy, that the section is about */
	unsigned int seen; /* keys of the section, as bits of their places */
	bool defaults_seen, domain_seen;
	const struct policy_key *key; /* the last one */
	unsigned int key_line;
	size_t *list; /* of the last key, how much is in it; NULL: no list */
	size_t names; /* in all lists */
	unsigned int max_ttl_line;
};

/* The first complaint counts. */
void policy_complain(struct policy_reader *reader, unsigned int line, const char *found,
		     const char *expected);

/* A section header: @kind and, as far as it has one, @name. */
void policy_section_begin(struct policy_reader *reader, const char *kind, const char *name);

/* @name=@value, and further lines of the value. */
void policy_key_begin(struct policy_reader *reader, const char *name, const char *value);
void policy_key_continue(struct policy_reader *reader, const char *value);

/* What can be told only at the end. */
void policy_check(struct policy_reader *reader);

#endif
