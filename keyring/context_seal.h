/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sealing call contexts, as the host's daemons do.
 *
 * The key is random, root's alone, and in root's user keyring beside the registry, where
 * every daemon finds the same one.  None keeps a copy: each use asks the kernel.  It lives
 * until the host is started again, and so does what it sealed.
 */
#ifndef GUISE_KEYRING_CONTEXT_SEAL_H
#define GUISE_KEYRING_CONTEXT_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "keyring/context_mac.h"

#define CONTEXT_KEY_NAME "guise:context-key"

/*
 * Appends the MAC line to the @length bytes in @buffer of @size.  Returns the new length, -EFBIG,
 * or a negative errno of the key, such as -EPERM: what has its name is not it.
 */
ssize_t context_seal(char *buffer, size_t length, size_t size);

/* Did a daemon of this host seal the text with this digest so?  1, 0 or a negative errno. */
int context_seal_check(const uint8_t digest[CONTEXT_HASH], const uint8_t mac[CONTEXT_HASH]);

#endif
