/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the calling thread is at present, by the keyring that is its own. */
#ifndef GUISE_KEYRING_THREAD_H
#define GUISE_KEYRING_THREAD_H

#include <stdbool.h>
#include <stdint.h>

enum thread_is {
	THREAD_ITSELF,
	THREAD_CLIENT, /* of the token key that is stored, which may have ended by now */
	THREAD_UNSURE, /* neither: mounts refuse it */
};

/* Asks the kernel, not a mount: it knows of no process tree that is confined. */
enum thread_is thread_is(int32_t *token);

/* Do the mounts go by this thread's keyring? */
bool thread_is_announced(void);

#endif
