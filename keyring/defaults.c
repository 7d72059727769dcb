/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling and asking the host's defaults. */
#include "keyring/defaults.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/question.h"
#include "keyring/whoami.h"

size_t defaults_write(const struct policy_defaults *defaults, char text[DEFAULTS_TEXT])
{
	int length = snprintf(text, DEFAULTS_TEXT, "level %s\n", token_level_name(defaults->level));

	if (defaults->ttl)
		length += snprintf(text + length, DEFAULTS_TEXT - (size_t)length,
				   "ttl %" PRIu32 "\n", defaults->ttl);
	if (defaults->max_ttl)
		length += snprintf(text + length, DEFAULTS_TEXT - (size_t)length,
				   "max-ttl %" PRIu32 "\n", defaults->max_ttl);
	return (size_t)length;
}

static bool seconds_read(const char *value, uint32_t *seconds)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(value, &end, 10);
	if (errno || *value < '1' || *value > '9' || *end || number > UINT32_MAX)
		return false;
	*seconds = (uint32_t)number;
	return true;
}

static bool line_read(const char *line, struct policy_defaults *defaults)
{
	const char *value;

	if ((value = whoami_value(line, "level")))
		return token_level_parse(value, &defaults->level);
	if ((value = whoami_value(line, "ttl")))
		return seconds_read(value, &defaults->ttl);
	if ((value = whoami_value(line, "max-ttl")))
		return seconds_read(value, &defaults->max_ttl);
	return true;
}

int defaults_read(const char *text, struct policy_defaults *defaults)
{
	*defaults = (struct policy_defaults){.level = TOKEN_IDENTIFY};
	while (*text) {
		size_t length = strcspn(text, "\n");
		char line[DEFAULTS_TEXT];

		if (length < sizeof(line)) {
			memcpy(line, text, length);
			line[length] = '\0';
			if (!line_read(line, defaults))
				return -EPROTO;
		}
		text += length + (text[length] == '\n');
	}
	return 0;
}

int defaults_ask(struct policy_defaults *defaults)
{
	char text[4096];
	struct question question = {
		.name = DEFAULTS_ATTRIBUTE, .answer = text, .room = sizeof(text) - 1};
	int error = question_ask(&question);

	if (error)
		return error;
	text[question.length] = '\0';
	return defaults_read(text, defaults);
}
