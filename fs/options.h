/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Command line and mount options of guisefs.
 */
#ifndef GUISE_FS_OPTIONS_H
#define GUISE_FS_OPTIONS_H

#include <limits.h>
#include <stdbool.h>

enum traverse_policy { TRAVERSE_BYPASS, TRAVERSE_STRICT };
enum chmod_policy { CHMOD_MASK, CHMOD_REPLACE, CHMOD_IGNORE, CHMOD_DENY };
enum create_mode {
	CREATE_MODE_PRIVATE,
	CREATE_MODE_MASK,
	CREATE_MODE_IGNORE,
	CREATE_MODE_POSIX,
};
enum root_policy { ROOT_ADMIN, ROOT_SQUASH };
enum attributes_policy { ATTRIBUTES_GUARDED, ATTRIBUTES_PUBLIC };
enum list_policy { LIST_ALL, LIST_READABLE };
enum on_move_policy { ON_MOVE_KEEP, ON_MOVE_INHERIT };
enum handles_policy { HANDLES_CACHED, HANDLES_REVOCABLE };
enum backing_policy { BACKING_SHARED, BACKING_EXCLUSIVE };

#define POLL_USUAL UINT_MAX

struct options {
	char *source;
	char *mountpoint;
	char *log;         /* file for log lines, or NULL */
	char *audit;       /* file for audit records, "syslog", or NULL */
	char *policy;      /* policy file, absolute, or NULL: the host's */
	char *share;       /* the share's name, or NULL */
	char *mount_words; /* options for mount(2), comma separated, or NULL */
	bool foreground;
	bool debug;
	bool help;
	bool version;
	bool passthrough;     /* use the kernel's passthrough where it has it */
	bool io_uring;        /* requests by io_uring where that can be */
	unsigned int threads; /* 0: chosen by the number of processors */
	unsigned int poll;    /* microseconds that a worker looks for the next request */
	enum traverse_policy traverse;
	enum chmod_policy chmod;
	enum create_mode create_mode;
	enum root_policy root;
	enum attributes_policy attributes;
	enum list_policy list;
	enum backing_policy backing;
	enum on_move_policy on_move;
	enum handles_policy handles;
};

/*
 * Reads the command line into @options, whose strings are owned by it.
 * Returns 0, or prints one line to stderr and returns 2.
 */
int options_parse(int argc, char **argv, struct options *options);
void options_clear(struct options *options);

#endif
