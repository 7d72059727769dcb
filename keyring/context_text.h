/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of a call context: who called, through whom, in which roles.
 *
 * At most CONTEXT_TEXT_MAX bytes, every line ended by a newline, in this order:
 *
 *	guise-context 1
 *	made SECONDS          when, since the epoch, decimal
 *	host NAME             where; at most once
 *	callers N             1 to CONTEXT_CALLERS, then as many times, the original caller first:
 *	user SID
 *	level NAME
 *	authentication NAME   process, consent, logon or narrowed: how the user is known
 *	server SID            an account that acts for that caller; up to CONTEXT_SERVERS times
 *	role NAME             that the caller is in; up to CONTEXT_ROLES times, in order of bytes
 *
 * All is ASCII but the names of roles, which are what the policy says.  Each context has one
 * spelling, and whatever else is there is malformed.  Pure functions.
 */
#ifndef GUISE_KEYRING_CONTEXT_TEXT_H
#define GUISE_KEYRING_CONTEXT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "acl/sid.h"
#include "acl/token.h"

#define CONTEXT_TEXT_MAX 65400
#define CONTEXT_CALLERS 8
#define CONTEXT_SERVERS 8
#define CONTEXT_ROLES 1024
#define CONTEXT_ROLE_MAX 128
#define CONTEXT_HOST_MAX 64

enum context_authentication {
	CONTEXT_BY_PROCESS,  /* the kernel says so of its thread: it acts as itself */
	CONTEXT_BY_CONSENT,  /* its own token key */
	CONTEXT_BY_LOGON,    /* the token key of a logon service */
	CONTEXT_BY_NARROWING /* it narrowed the token of the caller before it, and acts with that */
};

struct context_caller {
	struct sid user;
	enum token_level level;
	enum context_authentication authentication;
	size_t server_count;
	struct sid servers[CONTEXT_SERVERS];
	size_t role_count;
	char **roles; /* heap, owned, and so is each name */
};

struct context_text {
	int64_t made;
	char host[CONTEXT_HOST_MAX + 1]; /* "": it does not say */
	size_t caller_count;
	struct context_caller callers[CONTEXT_CALLERS];
};

/*
 * Reads @length bytes.  Returns 0, -ENOMEM, or -EINVAL if they are malformed; on failure
 * *@text is empty and owns nothing.
 */
int context_text_read(const char *bytes, size_t length, struct context_text *text);

/*
 * Writes @text and a NUL into @buffer.  Returns its length without the NUL, -EFBIG if it does not
 * fit @size or CONTEXT_TEXT_MAX, or -EINVAL if reading it back would fail.
 */
ssize_t context_text_write(const struct context_text *text, char *buffer, size_t size);

/* Adds a copy of @role to the end; 0, -ENOMEM, -E2BIG.  Put them in order afterwards. */
int context_caller_add_role(struct context_caller *caller, const char *role);
void context_caller_sort_roles(struct context_caller *caller);

/* Is the caller in @role? */
bool context_caller_in_role(const struct context_caller *caller, const char *role);

/* Frees what *@text owns; for __attribute__((cleanup)) too. */
void context_text_free(struct context_text *text);

/* Is @name 1 to CONTEXT_HOST_MAX of letters, digits, '.', '_' and '-'? */
bool context_host_ok(const char *name);

/* "process", "consent", "logon", "narrowed"; NULL if it is none. */
const char *context_authentication_name(enum context_authentication authentication);

#endif
