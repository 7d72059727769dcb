/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Call contexts for servers: taken from a mount, stored, verified by a mount.
 *
 * Only root's mounts are asked, and only they have the key.  What is here is never
 * more than a text: no key's serial, nothing that a thread could act with.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/context_mac.h"
#include "keyring/context_text.h"
#include "keyring/guise.h"
#include "keyring/idmap.h"
#include "keyring/question.h"
#include "keyring/scoped.h"

#define NAME_MAX_SIZE (sizeof(CONTEXT_CHECK) + CONTEXT_HASH_TEXT + 1 + CONTEXT_HASH_TEXT)

/* What a caller has to say as texts. */
struct caller_texts {
	char *user;
	char *name;
	char *servers[CONTEXT_SERVERS];
};

struct guise_context {
	char *sealed; /* text and seal, as the mount gave them */
	size_t size;
	struct context_text text;
	struct caller_texts callers[CONTEXT_CALLERS];
};

/* Did this host's mounts seal the text with @digest so?  1, 0 or -errno. */
static int seal_ask(const uint8_t digest[CONTEXT_HASH], const uint8_t mac[CONTEXT_HASH])
{
	char name[NAME_MAX_SIZE], answer[8];
	char digest_text[CONTEXT_HASH_TEXT + 1], mac_text[CONTEXT_HASH_TEXT + 1];
	struct question question = {.name = name, .answer = answer, .room = sizeof(answer) - 1};
	int error;

	context_hash_format(digest, digest_text);
	context_hash_format(mac, mac_text);
	snprintf(name, sizeof(name), CONTEXT_CHECK "%s.%s", digest_text, mac_text);
	error = question_ask(&question);
	if (error)
		return error;
	answer[question.length] = '\0';
	if (strcmp(answer, CONTEXT_YES) == 0)
		return 1;
	return strcmp(answer, CONTEXT_NO) == 0 ? 0 : -EPROTO;
}

static char *sid_text(const struct sid *sid)
{
	char text[SID_MAX_TEXT];

	return strdup(sid_format(sid, text));
}

static int texts_make(const struct context_caller *caller, struct caller_texts *texts)
{
	char name[IDMAP_NAME_MAX];

	texts->user = sid_text(&caller->user);
	texts->name = strdup(idmap_sid_name(&caller->user, name, sizeof(name)));
	if (!texts->user || !texts->name)
		return -ENOMEM;
	for (size_t i = 0; i < caller->server_count; i++) {
		texts->servers[i] = sid_text(&caller->servers[i]);
		if (!texts->servers[i])
			return -ENOMEM;
	}
	return 0;
}

void guise_context_free(struct guise_context *context)
{
	if (!context)
		return;
	for (size_t i = 0; i < CONTEXT_CALLERS; i++) {
		struct caller_texts *texts = &context->callers[i];

		free(texts->user);
		free(texts->name);
		for (size_t j = 0; j < CONTEXT_SERVERS; j++)
			free(texts->servers[j]);
	}
	context_text_free(&context->text);
	free(context->sealed);
	free(context);
}

static int context_fill(struct guise_context *context, const char *sealed, size_t size,
			size_t length)
{
	int error = context_text_read(sealed, length, &context->text);

	context->sealed = malloc(size);
	if (!error && !context->sealed)
		error = -ENOMEM;
	if (error)
		return error;
	memcpy(context->sealed, sealed, size);
	context->size = size;
	for (size_t i = 0; i < context->text.caller_count && !error; i++)
		error = texts_make(&context->text.callers[i], &context->callers[i]);
	return error;
}

/* The context that is @length bytes of text in @size of @sealed.  -EINVAL if it is malformed. */
static int context_make(const char *sealed, size_t size, size_t length,
			struct guise_context **context)
{
	struct guise_context *made = calloc(1, sizeof(*made));
	int error = made ? context_fill(made, sealed, size, length) : -ENOMEM;

	if (error) {
		guise_context_free(made);
		return error;
	}
	*context = made;
	return 0;
}

/* As the mount that @path is on tells it, or with NULL the first that answers. */
static int context_ask(const char *path, struct guise_context **context)
{
	SCOPED_BUFFER char *answer = malloc(CONTEXT_SEALED_MAX);
	struct question question = {
		.name = CONTEXT_ATTRIBUTE, .answer = answer, .room = CONTEXT_SEALED_MAX};
	uint8_t mac[CONTEXT_HASH];
	size_t length;
	int error;

	*context = NULL;
	if (!answer)
		return -ENOMEM;
	error = path ? question_ask_at(&question, path) : question_ask(&question);
	if (error)
		return error;
	if (!context_split(answer, question.length, &length, mac))
		return -EPROTO;
	error = context_make(answer, question.length, length, context);
	return error == -EINVAL ? -EPROTO : error;
}

int guise_context_current(struct guise_context **context)
{
	return context_ask(NULL, context);
}

int guise_context_current_at(const char *path, struct guise_context **context)
{
	*context = NULL;
	return path ? context_ask(path, context) : -EINVAL;
}

int guise_context_import(const void *bytes, size_t size, struct guise_context **context)
{
	uint8_t digest[CONTEXT_HASH], mac[CONTEXT_HASH];
	size_t length;
	int sealed, error;

	*context = NULL;
	if (!context_split(bytes, size, &length, mac))
		return -EKEYREJECTED;
	context_digest(bytes, length, digest);
	sealed = seal_ask(digest, mac);
	if (sealed <= 0)
		return sealed ? sealed : -EKEYREJECTED;
	error = context_make(bytes, size, length, context);
	return error == -EINVAL ? -EKEYREJECTED : error;
}

int guise_context_export(const struct guise_context *context, void *buffer, size_t room)
{
	if (room && room < context->size)
		return -ERANGE;
	if (room)
		memcpy(buffer, context->sealed, context->size);
	return (int)context->size;
}

int64_t guise_context_made(const struct guise_context *context)
{
	return context->text.made;
}

const char *guise_context_host(const struct guise_context *context)
{
	return context->text.host;
}

int guise_context_callers(const struct guise_context *context)
{
	return (int)context->text.caller_count;
}

static const struct context_caller *caller_at(const struct guise_context *context, size_t index)
{
	return index < context->text.caller_count ? &context->text.callers[index] : NULL;
}

const char *guise_context_caller_user(const struct guise_context *context, size_t index)
{
	return caller_at(context, index) ? context->callers[index].user : NULL;
}

const char *guise_context_caller_name(const struct guise_context *context, size_t index)
{
	return caller_at(context, index) ? context->callers[index].name : NULL;
}

int guise_context_caller_level(const struct guise_context *context, size_t index)
{
	const struct context_caller *caller = caller_at(context, index);

	return caller ? (int)caller->level : -EINVAL;
}

int guise_context_caller_authentication(const struct guise_context *context, size_t index)
{
	static const int values[] = {
		[CONTEXT_BY_PROCESS] = GUISE_BY_PROCESS,
		[CONTEXT_BY_CONSENT] = GUISE_BY_CONSENT,
		[CONTEXT_BY_LOGON] = GUISE_BY_LOGON,
		[CONTEXT_BY_NARROWING] = GUISE_BY_NARROWING,
	};
	const struct context_caller *caller = caller_at(context, index);

	return caller ? values[caller->authentication] : -EINVAL;
}

const char *guise_context_caller_server(const struct guise_context *context, size_t index,
					size_t server)
{
	const struct context_caller *caller = caller_at(context, index);

	return caller && server < caller->server_count ? context->callers[index].servers[server]
						       : NULL;
}

int guise_context_caller_in_role(const struct guise_context *context, size_t index,
				 const char *role)
{
	const struct context_caller *caller = caller_at(context, index);

	if (!caller || !role)
		return -EINVAL;
	return context_caller_in_role(caller, role) ? 1 : 0;
}

int guise_is_in_role(const struct guise_context *context, const char *role)
{
	struct guise_context *now;
	int result;

	if (context || !role)
		return role ? guise_context_caller_in_role(context, 0, role) : -EINVAL;
	result = guise_context_current(&now);
	if (result)
		return result;
	result = guise_context_caller_in_role(now, 0, role);
	guise_context_free(now);
	return result;
}
