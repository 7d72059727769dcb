/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The deeds with call contexts; see cast.h. */
#include <errno.h>
#include <keyutils.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/guise.h"
#include "tests/mount/deeds.h"

long do_role(const char *text, long number, char *said)
{
	return guise_is_in_role(NULL, text);
}

long do_context(const char *text, long number, char *said)
{
	struct guise_context *context;
	int result = guise_context_current(&context);

	if (result)
		return result;
	result = guise_context_export(context, said, DEED_TEXT - 1);
	guise_context_free(context);
	return result;
}

long do_import(const char *text, long number, char *said)
{
	struct guise_context *context;
	int result = guise_context_import(text, strlen(text), &context);
	size_t length = 0;

	if (result)
		return context ? -ENOTRECOVERABLE : result;
	result = guise_context_callers(context);
	for (size_t i = 0; i < (size_t)result; i++) {
		const char *by = guise_context_caller_server(context, i, 0);

		length += (size_t)snprintf(said + length, DEED_TEXT - length, "%s %d %d %s\n",
					   guise_context_caller_user(context, i),
					   guise_context_caller_level(context, i),
					   guise_context_caller_authentication(context, i),
					   by ? by : "-");
	}
	guise_context_free(context);
	return result;
}

static void *import_role(void *argument)
{
	const char *text = argument, *sealed = strchr(text, '\n') + 1;
	char *role = strndup(text, (size_t)(sealed - 1 - text));
	struct guise_context *context;
	long result = guise_context_import(sealed, strlen(sealed), &context);

	if (result == 0)
		result = guise_is_in_role(context, role);
	guise_context_free(context);
	free(role);
	return (void *)(intptr_t)result;
}

long do_import_role(const char *text, long number, char *said)
{
	char *copy = strdup(text);
	pthread_t thread;
	void *result;

	if (number == 0)
		result = import_role(copy);
	else if (pthread_create(&thread, NULL, import_role, copy) == 0)
		pthread_join(thread, &result);
	else
		result = (void *)(intptr_t)-EAGAIN;
	free(copy);
	return (long)(intptr_t)result;
}

long do_read_key(const char *text, long number, char *said)
{
	key_serial_t key = (key_serial_t)number;
	char bytes[64];
	long worked = 0;

	worked |= keyctl_describe(key, said, DEED_TEXT) >= 0 ? 0x1 : 0;
	worked |= keyctl_read(key, bytes, sizeof(bytes)) >= 0 ? 0x2 : 0;
	worked |= keyctl_link(key, KEY_SPEC_PROCESS_KEYRING) == 0 ? 0x4 : 0;
	worked |= keyctl_read(key, bytes, sizeof(bytes)) >= 0 ? 0x8 : 0;
	worked |= request_key("user", "guise:context-key", NULL, 0) > 0 ? 0x10 : 0;
	return worked;
}
