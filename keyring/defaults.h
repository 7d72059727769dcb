/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the host's policy says of consents that leave something open: no secret, unlike the rest. */
#ifndef GUISE_KEYRING_DEFAULTS_H
#define GUISE_KEYRING_DEFAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "keyring/policy.h"

/* name of the extended attribute that tells it, to anybody */
#define DEFAULTS_ATTRIBUTE "system.guise.defaults"
/* room for its value */
#define DEFAULTS_TEXT 128

/*
 * Writes @defaults as lines "level NAME", "ttl SECONDS" and "max-ttl SECONDS", the latter two if
 * they are not 0, with a NUL.  Returns the length without it.
 */
size_t defaults_write(const struct policy_defaults *defaults, char text[DEFAULTS_TEXT]);

/* Reads that back; other lines are those of newer mounts.  0 or -EPROTO. */
int defaults_read(const char *text, struct policy_defaults *defaults);

/* What the first mount that answers says.  0, -ENODEV (no mount), or why it does not. */
int defaults_ask(struct policy_defaults *defaults);

#endif
