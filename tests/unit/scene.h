/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A resolver with a policy, and a client, a server and a stranger: processes of users of their
 * own, with keys of their own.  For tests of what becomes of token keys.
 */
#ifndef GUISE_TESTS_SCENE_H
#define GUISE_TESTS_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include <check.h>

#include "acl/token.h"
#include "actor.h"
#include "keyring/key.h"
#include "people.h"

#define FIRST "guise-token 1\n"
#define IMPERSONATE FIRST "level impersonate\n"

#define CLIENT (&scene_person[0])
#define SERVER (&scene_person[1])
#define STRANGER (&scene_person[2])

extern struct person scene_person[3];
extern struct actor *client, *server, *stranger;

/* Their accounts, once a program. */
bool scene_people(void);

/* Before and after each test.  @share: the name of the mount's share, or NULL. */
void scene_set(const char *share);
void scene_end(void);

/* A key of @actor's (NULL: root's) with the text that @format gives; its serial. */
__attribute__((format(printf, 3, 4))) int32_t key_with(struct actor *actor, uint32_t perm,
						       const char *format, ...);

/* The same with this description. */
__attribute__((format(printf, 3, 4))) int32_t key_named(struct actor *actor, const char *name,
							const char *format, ...);

/* From now on @key of @actor's says what @format gives. */
__attribute__((format(printf, 3, 4))) void key_change(struct actor *actor, int32_t key,
						      const char *format, ...);

/* From now on the policy is what @format gives. */
__attribute__((format(printf, 1, 2))) void policy_set(const char *format, ...);

/* The token of @actor, or NULL and *@reason. */
const struct token *token_of(const struct actor *actor, bool groups, enum guise_reason *reason);

/* Why it has none; REASON_NONE if it has. */
enum guise_reason asked(const struct actor *actor);

/* The server acts with @key from here on; why it cannot. */
enum guise_reason acts_with(int32_t key);

enum token_level level_of_server(void);

/* For actor_do() with a key. */
long deed_confine(long key);
long deed_revoke(long key);

#define check_acts(key, reason) ck_assert_str_eq(reason_name(acts_with(key)), reason_name(reason))
#define check_asked(reason) ck_assert_str_eq(reason_name(asked(server)), reason_name(reason))

#endif
