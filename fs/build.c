/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which guisefs this is. */
#include "fs/build.h"

#include <pthread.h>
#include <stdio.h>

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#ifdef HAVE_FUSE_PASSTHROUGH
#define PASSTHROUGH ", kernel passthrough"
#else
#define PASSTHROUGH ""
#endif
#ifdef HAVE_FUSE_URING
#define URING ", io_uring"
#else
#define URING ""
#endif

static char text[96];

static void write_text(void)
{
	snprintf(text, sizeof(text), "guisefs %s, libfuse %s%s%s", GUISEFS_VERSION,
		 fuse_pkgversion(), PASSTHROUGH, URING);
}

const char *build_text(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, write_text);
	return text;
}
