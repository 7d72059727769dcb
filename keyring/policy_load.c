/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A policy from a file that nobody but root could have written. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/policy_fault.h"
#include "keyring/policy_parts.h"
#include "keyring/scoped.h"

/* Who may have written it?  What is not a file could be anything. */
static int check_file(int fd, const char *path, struct policy_fault *fault)
{
	struct stat st;
	int error = 0;

	if (fstat(fd, &st) < 0) {
		error = -errno;
		policy_fault_set(fault, path, 0, "%s; expected a file", strerror(-error));
	} else if (!S_ISREG(st.st_mode)) {
		error = -EINVAL;
		policy_fault_set(fault, path, 0, "not a regular file; expected a file");
	} else if (st.st_uid != 0) {
		error = -EPERM;
		policy_fault_set(fault, path, 0, "owned by user %u; expected root's own file",
				 (unsigned int)st.st_uid);
	} else if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		error = -EPERM;
		policy_fault_set(fault, path, 0,
				 "writable by others (mode %04o); expected a file that only root "
				 "can write",
				 (unsigned int)(st.st_mode & 07777));
	}
	return error;
}

/* At most @room bytes; the number read or -errno. */
static ssize_t read_all(int fd, char *buffer, size_t room)
{
	size_t length = 0;

	while (length < room) {
		ssize_t count = read(fd, buffer + length, room - length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		length += (size_t)count;
	}
	return (ssize_t)length;
}

int policy_load(const char *path, struct policy **policy, struct policy_fault *fault)
{
	SCOPED_BUFFER char *buffer = malloc(POLICY_FILE_MAX + 1);
	SCOPED_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t length;
	int error;

	if (fd < 0) {
		error = -errno;
		policy_fault_set(fault, path, 0, "%s; expected a policy file", strerror(-error));
		return error;
	}
	error = check_file(fd, path, fault);
	if (error)
		return error;
	length = buffer ? read_all(fd, buffer, POLICY_FILE_MAX + 1) : -ENOMEM;
	if (length < 0) {
		policy_fault_set(fault, path, 0, "%s; expected a policy file",
				 strerror((int)-length));
		return (int)length;
	}
	return policy_read(buffer, (size_t)length, path, policy, fault);
}
