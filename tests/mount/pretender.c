/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pretender: a low-level FUSE server in a forked process. */
#include "tests/mount/pretender.h"

#define FUSE_USE_VERSION 314
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* whoever is not root */
#define MOUNTER 64001

static struct stat attributes(fuse_ino_t ino)
{
	mode_t mode = ino == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;

	return (struct stat){.st_ino = ino, .st_mode = mode, .st_nlink = 1};
}

static void pretend_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st = attributes(ino);

	fuse_reply_attr(req, &st, 1.0);
}

static void pretend_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {.ino = 2, .attr = attributes(2)};

	if (strcmp(name, "file") == 0)
		fuse_reply_entry(req, &entry);
	else
		fuse_reply_err(req, ENOENT);
}

static const char *answer(const char *name)
{
	if (strncmp(name, "system.guise.access", 19) == 0)
		return "0x001f01ff yes";
	if (strcmp(name, "system.guise.whoami") == 0)
		return "user S-1-5-18\nlevel delegate\n";
	return "ok";
}

static void pretend_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
	const char *text = answer(name);

	if (strncmp(name, "system.guise.", 13) != 0)
		fuse_reply_err(req, ENODATA);
	else if (!size)
		fuse_reply_xattr(req, strlen(text));
	else
		fuse_reply_buf(req, text, strlen(text));
}

static void serve(int fd)
{
	static const struct fuse_lowlevel_ops operations = {
		.getattr = pretend_getattr,
		.lookup = pretend_lookup,
		.getxattr = pretend_getxattr,
	};
	char name[] = "pretender", *words[] = {name, NULL}, device[32];
	struct fuse_args arguments = FUSE_ARGS_INIT(1, words);
	struct fuse_session *session =
		fuse_session_new(&arguments, &operations, sizeof(operations), NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(device, sizeof(device), "/dev/fd/%d", fd);
	_exit(session && fuse_session_mount(session, device) == 0 && fuse_session_loop(session) == 0
		      ? 0
		      : 1);
}

pid_t pretender_start(const char *folder)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];
	pid_t pid;

	ck_assert_int_ge(fd, 0);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other", fd, MOUNTER, MOUNTER);
	ck_assert_msg(mount("pretender", folder, "fuse.guisefs", MS_NOSUID | MS_NODEV, options) ==
			      0,
		      "%s", strerror(errno));
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		serve(fd);
	close(fd);
	return pid;
}

void pretender_end(pid_t pid, const char *folder)
{
	umount2(folder, MNT_DETACH);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
