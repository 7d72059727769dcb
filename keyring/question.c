/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom to ask, and whose answer counts. */
#include "keyring/question.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "keyring/mounts.h"
#include "keyring/scoped.h"

struct asking {
	struct question *question;
	int error; /* of those that were asked so far */
};

static int attribute_take(int fd, struct question *question)
{
	char link[40];
	ssize_t length;

	/* fgetxattr() takes no descriptor of O_PATH */
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	length = getxattr(link, question->name, question->answer, question->room);
	if (length < 0)
		return errno == ERANGE ? -EPROTO : -errno;
	question->length = (size_t)length;
	return 0;
}

/* Without its daemon, or with an old one, a mount can tell nothing. */
static bool tells_nothing(int error)
{
	return error == -ENOTCONN || error == -ECONNABORTED || error == -EOPNOTSUPP;
}

static bool refuses_identity(int error)
{
	switch (error) {
	case -EACCES:
	case -EKEYREJECTED:
	case -EKEYREVOKED:
	case -EKEYEXPIRED:
	case -ENOKEY:
		return true;
	default:
		return false;
	}
}

static void error_note(struct asking *asking, int error)
{
	if (!asking->error || refuses_identity(error))
		asking->error = error;
}

static bool ask(int fd, const char *path, void *context)
{
	struct asking *asking = context;
	int error;

	if (fd < 0) {
		if (!mounts_out_of_reach(fd))
			error_note(asking, fd);
		return false;
	}
	error = attribute_take(fd, asking->question);
	if (!error)
		asking->error = 0;
	else if (!tells_nothing(error))
		error_note(asking, error);
	return !tells_nothing(error) && error != -EKEYREJECTED;
}

int question_ask(struct question *question)
{
	struct asking asking = {.question = question};
	int error = mounts_each_open(ask, &asking);

	return asking.error ? asking.error : error;
}

int question_ask_at(struct question *question, const char *path)
{
	SCOPED_FD fd = open(path, O_PATH | O_CLOEXEC);
	int held = fd < 0 ? -errno : mounts_hold(fd);

	if (held <= 0)
		return held ? held : -EOPNOTSUPP;
	return attribute_take(fd, question);
}
