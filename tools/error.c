/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors as guise reports them.
 */
#include "error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "text.h"

static char command_name[64] = "guise";

static const struct {
	int error;
	const char *text;
} identity_errors[] = {
	{ENOKEY, "the token key is gone: it was revoked, has expired or never was"},
	{EKEYREVOKED, "the client has revoked its token key"},
	{EKEYEXPIRED, "the client's token key has expired"},
	{EKEYREJECTED, "the token key is not valid, or not for this account"},
	{ENOTRECOVERABLE, "the thread could not change its identity and is refused everything"},
	{EDQUOT, "the key quota of this user is used up (sysctl kernel.keys.maxkeys and "
		 "kernel.keys.maxbytes; root's: root_maxkeys, root_maxbytes)"},
	{EUSERS, "no user namespace is left (user.max_user_namespaces)"},
	{ENODEV, "no guisefs mount can be reached"},
};

void error_enter(const char *name)
{
	size_t length = strlen(command_name);

	snprintf(command_name + length, sizeof(command_name) - length, " %s", name);
}

const char *error_command(void)
{
	return command_name;
}

static void (*called_before)(void *);
static void *before_context;

void error_before(void (*before)(void *context), void *context)
{
	called_before = before;
	before_context = context;
}

static void say(const char *subject, const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	fflush(stdout); /* what was said before is read before */
	if (called_before)
		called_before(before_context);
	fprintf(stderr, "%s: ", command_name);
	if (subject) {
		text_print_name(stderr, subject);
		fputs(": ", stderr);
	}
	text_print(stderr, text ? text : strerror(ENOMEM));
	fputc('\n', stderr);
	free(text);
}

void error_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(NULL, format, arguments);
	va_end(arguments);
}

void error_about(const char *subject, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(subject, format, arguments);
	va_end(arguments);
}

int error_usage(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	error_say("%s (see %s --help)", text ? text : strerror(ENOMEM), command_name);
	free(text);
	return STATUS_USAGE;
}

const char *error_text(int error)
{
	for (size_t i = 0; i < sizeof(identity_errors) / sizeof(identity_errors[0]); i++) {
		if (identity_errors[i].error == error)
			return identity_errors[i].text;
	}
	return strerror(error);
}

int error_status(int error)
{
	switch (error) {
	case 0:
		return STATUS_OK;
	case EACCES:
	case EPERM:
	case ENOKEY:
	case EKEYREVOKED:
	case EKEYEXPIRED:
	case EKEYREJECTED:
		return STATUS_DENIED;
	default:
		return STATUS_FAILED;
	}
}

int error_report(const char *subject, int error)
{
	error_about(subject, "%s", error_text(error));
	return error_status(error);
}
