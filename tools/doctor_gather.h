/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What guise doctor learns of the host otherwise than from files. */
#ifndef GUISE_TOOLS_DOCTOR_GATHER_H
#define GUISE_TOOLS_DOCTOR_GATHER_H

#include <stdbool.h>
#include <stddef.h>

/* The errno of making and reading a key, or 0. */
int gather_keyring(void);

/* What `guisefs --version` prints; false if the program cannot be found. */
bool gather_build(char *line, size_t size);

/* Has nobody told the kernel that its clock is right? */
bool gather_clock_unsynced(void);

#endif
