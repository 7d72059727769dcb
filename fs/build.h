/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which guisefs this is. */
#ifndef GUISE_FS_BUILD_H
#define GUISE_FS_BUILD_H

/* "guisefs 0.1.0, libfuse 3.18.2, kernel passthrough": its version, and what it was built with. */
const char *build_text(void);

#endif
