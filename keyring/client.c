/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Validating token keys, and the cache. */
#include "keyring/client.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keyring/identity.h"
#include "keyring/token_text.h"

#define SETS 1024
#define WAYS 4
/* seconds that a group look-up stays good */
#define KEEP 60

/* A client's token, and all that it was made from. */
struct client {
	int32_t key; /* 0: free */
	uid_t owner, actor;
	time_t made; /* CLOCK_MONOTONIC */
	size_t length;
	char *bytes; /* description with its NUL, then the text */
	const struct token *token;
};

struct clients {
	bool squash_root;
	pthread_mutex_t lock;
	unsigned int turn; /* whom to displace next */
	struct client sets[SETS][WAYS];
};

/* A key as it is now. */
struct evidence {
	int32_t key;
	uid_t actor;
	const struct key_info *info;
	const char *text;
	size_t length;
};

static time_t seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
}

struct clients *clients_create(bool squash_root)
{
	struct clients *clients = calloc(1, sizeof(*clients));

	if (clients) {
		clients->squash_root = squash_root;
		pthread_mutex_init(&clients->lock, NULL);
	}
	return clients;
}

static void client_clear(struct client *client)
{
	token_unref(client->token);
	free(client->bytes);
	memset(client, 0, sizeof(*client));
}

void clients_destroy(struct clients *clients)
{
	if (!clients)
		return;
	for (size_t i = 0; i < SETS * WAYS; i++)
		client_clear(&clients->sets[i / WAYS][i % WAYS]);
	pthread_mutex_destroy(&clients->lock);
	free(clients);
}

enum guise_reason client_reason(int error)
{
	switch (error) {
	case -ENOKEY:
		return REASON_KEY_GONE;
	case -EKEYREVOKED:
		return REASON_KEY_REVOKED;
	case -EKEYEXPIRED:
		return REASON_KEY_EXPIRED;
	case -ENOMEM:
		return REASON_NO_MEMORY;
	default:
		return REASON_KEY_UNREADABLE;
	}
}

static struct client *set_of(struct clients *clients, int32_t key)
{
	return clients->sets[(uint32_t)key % SETS];
}

static bool client_matches(const struct client *client, const struct evidence *evidence)
{
	size_t name = strlen(evidence->info->description) + 1;

	return client->key == evidence->key && client->owner == evidence->info->uid &&
	       client->actor == evidence->actor && client->length == name + evidence->length &&
	       memcmp(client->bytes, evidence->info->description, name) == 0 &&
	       memcmp(client->bytes + name, evidence->text, evidence->length) == 0;
}

static const struct token *cache_find(struct clients *clients, const struct evidence *evidence)
{
	struct client *set = set_of(clients, evidence->key);
	time_t now = seconds(CLOCK_MONOTONIC);
	const struct token *token = NULL;

	pthread_mutex_lock(&clients->lock);
	for (size_t i = 0; i < WAYS && !token; i++) {
		if (client_matches(&set[i], evidence) && now - set[i].made < KEEP)
			token = token_ref(set[i].token);
	}
	pthread_mutex_unlock(&clients->lock);
	return token;
}

/* A free place, the one for the same key and actor, or else one whose turn it is. */
static struct client *place_for(struct clients *clients, const struct evidence *evidence)
{
	struct client *set = set_of(clients, evidence->key);
	struct client *place = NULL;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == evidence->key && set[i].actor == evidence->actor)
			return &set[i];
		if (!set[i].key)
			place = &set[i];
	}
	return place ? place : &set[clients->turn++ % WAYS];
}

/* Without memory it is not kept; that is all. */
static void cache_store(struct clients *clients, const struct evidence *evidence,
			const struct token *token)
{
	size_t name = strlen(evidence->info->description) + 1;
	char *bytes = malloc(name + evidence->length);
	struct client *place;

	if (!bytes)
		return;
	memcpy(bytes, evidence->info->description, name);
	memcpy(bytes + name, evidence->text, evidence->length);
	pthread_mutex_lock(&clients->lock);
	place = place_for(clients, evidence);
	client_clear(place);
	*place = (struct client){
		.key = evidence->key,
		.owner = evidence->info->uid,
		.actor = evidence->actor,
		.made = seconds(CLOCK_MONOTONIC),
		.length = name + evidence->length,
		.bytes = bytes,
		.token = token_ref(token),
	};
	pthread_mutex_unlock(&clients->lock);
}

/* All that can be said without looking anything up. */
static enum guise_reason text_refuse(const struct token_text *text, const struct evidence *evidence)
{
	if (text->has_user && evidence->info->uid != 0)
		return REASON_TOKEN_FORGED;
	if (!token_text_is_for(text, evidence->actor))
		return REASON_TOKEN_AUDIENCE;
	if (text->has_until && text->until <= (int64_t)seconds(CLOCK_REALTIME))
		return REASON_KEY_EXPIRED;
	return REASON_NONE;
}

static enum guise_reason token_build(const struct clients *clients, const struct evidence *evidence,
				     const struct token **token)
{
	__attribute__((cleanup(token_text_free))) struct token_text text = {0};
	struct token *made;
	enum guise_reason reason;
	int error = token_text_read(evidence->text, evidence->length, &text, NULL);

	if (error)
		return error == -ENOMEM ? REASON_NO_MEMORY : REASON_TOKEN_MALFORMED;
	reason = text_refuse(&text, evidence);
	if (!reason)
		reason = identity_of_text(&text, evidence->info->uid, evidence->actor,
					  clients->squash_root, &made);
	if (!reason)
		*token = made;
	return reason;
}

enum guise_reason client_token(struct clients *clients, int32_t key, const struct key_info *info,
			       uid_t actor, const struct token **token)
{
	char text[TOKEN_TEXT_MAX];
	struct evidence evidence = {.key = key, .actor = actor, .info = info, .text = text};
	enum guise_reason reason;
	ssize_t length;

	*token = NULL;
	if (!key_is_token(info))
		return REASON_KEY_NOT_TOKEN;
	if (info->perm & KEY_FOREIGN_CHANGE)
		return REASON_KEY_WRITABLE;
	length = key_read(key, text, sizeof(text));
	if (length < 0)
		return length == -EFBIG ? REASON_TOKEN_MALFORMED : client_reason((int)length);
	evidence.length = (size_t)length;
	*token = cache_find(clients, &evidence);
	if (*token) {
		/* what it was made from has not changed, but time has */
		int64_t end = token_expiry(*token);

		if (!end || end > (int64_t)seconds(CLOCK_REALTIME))
			return REASON_NONE;
		token_unref(*token);
		*token = NULL;
		return REASON_KEY_EXPIRED;
	}
	reason = token_build(clients, &evidence, token);
	if (!reason)
		cache_store(clients, &evidence, *token);
	return reason;
}

bool client_known(struct clients *clients, int32_t key)
{
	struct client *set = set_of(clients, key);
	bool known = false;

	pthread_mutex_lock(&clients->lock);
	for (size_t i = 0; i < WAYS; i++)
		known = known || set[i].key == key;
	pthread_mutex_unlock(&clients->lock);
	return known;
}

void clients_housekeep(struct clients *clients)
{
	time_t now = seconds(CLOCK_MONOTONIC);

	pthread_mutex_lock(&clients->lock);
	for (size_t i = 0; i < SETS * WAYS; i++) {
		struct client *client = &clients->sets[i / WAYS][i % WAYS];

		if (client->key && now - client->made >= KEEP)
			client_clear(client);
	}
	pthread_mutex_unlock(&clients->lock);
}
