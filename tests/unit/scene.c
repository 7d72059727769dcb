/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setting up a client, a server and a stranger, and asking the resolver about them. */
#include "scene.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "keyring/guise.h"
#include "keyring/policy.h"
#include "keyring/ring.h"

struct person scene_person[3];
struct actor *client, *server, *stranger;

static struct resolver *resolver;

/* what an actor is to make a key of: its text, and in the second half its description */
static char *shared_text;
#define SHARED 8192
#define shared_name (shared_text + SHARED / 2)

bool scene_people(void)
{
	return people_add(3, scene_person);
}

void scene_set(const char *share)
{
	struct resolver_options options = {.share = share};

	ck_assert_int_eq(resolver_create(&options, &resolver), 0);
	actor_resolver = resolver;
	shared_text = mmap(NULL, SHARED, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared_text, MAP_FAILED);
	client = actor_start(CLIENT->uid, CLIENT->gid, 0);
	server = actor_start(SERVER->uid, SERVER->gid, STRANGER->gid);
	stranger = actor_start(STRANGER->uid, STRANGER->gid, 0);
}

static long do_clear(long unused)
{
	(void)unused;
	return keyctl_clear(KEY_SPEC_USER_KEYRING);
}

/* Marks of a daemon that ended would make the next user of the namespace's number stale. */
static void marks_remove(void)
{
	int32_t ring = ring_open(RING_TREES);
	int32_t *entries = NULL;
	ssize_t count = key_list_all(ring, &entries);

	for (ssize_t i = 0; i < count; i++) {
		char text[RING_ENTRY_MAX];
		int daemon = 0;

		if (ring_entry_read(entries[i], text) == 0 &&
		    sscanf(text, "%*d %*u %*u %d", &daemon) == 1 && daemon == (int)getpid())
			ring_entry_remove(ring, entries[i]);
	}
	free(entries);
}

void scene_end(void)
{
	struct actor *actors[] = {client, server, stranger};

	marks_remove();
	for (size_t i = 0; i < 3; i++) {
		actor_do(actors[i], do_clear, 0);
		actor_end(actors[i]);
	}
	resolver_destroy(resolver);
	munmap(shared_text, SHARED);
}

static long do_make(long perm)
{
	return key_make(shared_name, shared_text, strlen(shared_text), (uint32_t)perm,
			KEY_SPEC_USER_KEYRING, false);
}

static long do_update(long key)
{
	return keyctl_update((key_serial_t)key, shared_text, strlen(shared_text)) < 0 ? -errno : 0;
}

static long do_impersonate(long key)
{
	return guise_impersonate((int32_t)key);
}

long deed_revoke(long key)
{
	return keyctl_revoke((key_serial_t)key) < 0 ? -errno : 0;
}

long deed_confine(long key)
{
	return guise_confine((int32_t)key);
}

__attribute__((format(printf, 1, 0))) static void text_set(const char *format, va_list values)
{
	int length = vsnprintf(shared_text, SHARED / 2, format, values);

	ck_assert(length > 0 && length < SHARED / 2);
}

static int32_t key_of(struct actor *actor, const char *name, uint32_t perm)
{
	long key;

	snprintf(shared_name, SHARED / 2, "%s", name);
	key = actor ? actor_do(actor, do_make, (long)perm) : do_make((long)perm);
	ck_assert_int_gt(key, 0);
	return (int32_t)key;
}

int32_t key_with(struct actor *actor, uint32_t perm, const char *format, ...)
{
	static unsigned int made;
	char name[64];
	va_list values;

	va_start(values, format);
	text_set(format, values);
	va_end(values);
	snprintf(name, sizeof(name), KEY_TOKEN_PREFIX "scene:%d:%u", (int)getpid(), made++);
	return key_of(actor, name, perm);
}

int32_t key_named(struct actor *actor, const char *name, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_set(format, values);
	va_end(values);
	return key_of(actor, name, KEY_TOKEN_PERM);
}

void key_change(struct actor *actor, int32_t key, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	text_set(format, values);
	va_end(values);
	ck_assert_int_eq(actor_do(actor, do_update, key), 0);
}

void policy_set(const char *format, ...)
{
	struct policy_fault fault;
	struct policy *policy;
	char text[2048];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	ck_assert_msg(policy_read(text, strlen(text), "test", &policy, &fault) == 0, "%s",
		      fault.text);
	resolver_set_policy(resolver, policy);
	policy_unref(policy);
}

const struct token *token_of(const struct actor *actor, bool groups, enum guise_reason *reason)
{
	struct caller caller = actor_caller(actor);
	struct refusal refusal;
	const struct token *token;
	int error = resolver_token(resolver, &caller, groups, &token, &refusal);

	ck_assert_int_eq(error, reason_errno(refusal.reason));
	*reason = refusal.reason;
	return token;
}

enum guise_reason asked(const struct actor *actor)
{
	enum guise_reason reason;

	token_unref(token_of(actor, true, &reason));
	return reason;
}

enum guise_reason acts_with(int32_t key)
{
	ck_assert_int_eq(actor_do(server, do_impersonate, key), 0);
	return asked(server);
}

enum token_level level_of_server(void)
{
	enum guise_reason reason;
	const struct token *token = token_of(server, true, &reason);
	enum token_level level;

	ck_assert_ptr_nonnull(token);
	level = token_level(token);
	token_unref(token);
	return level;
}
