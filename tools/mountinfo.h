/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line of /proc/self/mountinfo, see proc(5). */
#ifndef GUISE_TOOLS_MOUNTINFO_H
#define GUISE_TOOLS_MOUNTINFO_H

#include <stdbool.h>
#include <stdint.h>

/* Its fields lie in the line, which is cut up; names are as people write them. */
struct mountinfo {
	uint64_t id;
	char *device;  /* "254:0" */
	char *root;    /* which folder of the filesystem is mounted */
	char *point;   /* where */
	char *type;    /* "fuse.guisefs" */
	char *source;  /* of a guisefs mount the backing folder */
	char *options; /* of the filesystem */
};

bool mountinfo_read(char *line, struct mountinfo *info);

/* Is it a FUSE mount that uid 0 made? */
bool mountinfo_by_root(const struct mountinfo *info);

#endif
