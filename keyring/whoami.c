/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking a mount who one is. */
#include "keyring/whoami.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/question.h"
#include "keyring/scoped.h"

/* XATTR_SIZE_MAX of the kernel */
#define ANSWER_MAX 65536

int whoami_read(const char *path, char **text)
{
	struct question question = {
		.name = WHOAMI, .answer = malloc(ANSWER_MAX + 1), .room = ANSWER_MAX};
	int error = -ENOMEM;

	if (question.answer)
		error = path ? question_ask_at(&question, path) : question_ask(&question);
	if (error) {
		free(question.answer);
		return error;
	}
	question.answer[question.length] = '\0';
	*text = question.answer;
	return 0;
}

const char *whoami_value(const char *line, const char *word)
{
	size_t length = strlen(word);

	return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

int whoami_acts(void)
{
	SCOPED_BUFFER char *text = NULL;
	int error = whoami_read(NULL, &text);
	char *rest = text;

	if (error)
		return error;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (whoami_value(line, "actor"))
			return 1;
	}
	return 0;
}
