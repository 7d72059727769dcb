/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking a mount who one is. */
#include "keyring/whoami.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "keyring/mounts.h"
#include "keyring/scoped.h"

/* XATTR_SIZE_MAX of the kernel */
#define ANSWER_MAX 65536

struct question {
	char *answer; /* room for ANSWER_MAX + 1 */
	int error;    /* of the mount that was asked, or why one could not be */
};

static bool ask(int fd, const char *path, void *context)
{
	struct question *question = context;
	char link[40];
	ssize_t length;

	if (fd < 0) {
		if (!mounts_out_of_reach(fd))
			question->error = fd;
		return false;
	}
	/* fgetxattr() takes no descriptor of O_PATH */
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = getxattr(link, WHOAMI, question->answer, ANSWER_MAX);
	question->error = length < 0 ? -errno : 0;
	if (length >= 0)
		question->answer[length] = '\0';
	/* one that has lost its daemon answers for nobody */
	if (question->error != -ENOTCONN && question->error != -ECONNABORTED)
		return true;
	question->error = 0;
	return false;
}

int whoami_read(char **text)
{
	struct question question = {.answer = malloc(ANSWER_MAX + 1)};
	int error = question.answer ? mounts_each_open(ask, &question) : -ENOMEM;

	if (error == -ENODEV || !error)
		error = question.error ? question.error : error;
	if (error) {
		free(question.answer);
		return error;
	}
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
	int error = whoami_read(&text);
	char *rest = text;

	if (error)
		return error;
	for (char *line; (line = strsep(&rest, "\n"));) {
		if (whoami_value(line, "actor"))
			return 1;
	}
	return 0;
}
