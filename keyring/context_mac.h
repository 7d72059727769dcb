/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The seal of a call context: a last line "mac HEX", the HMAC-SHA256 of the SHA-256 of the text
 * before it.  Whoever has the text can so ask a daemon, which alone has the key, by the digest.
 */
#ifndef GUISE_KEYRING_CONTEXT_MAC_H
#define GUISE_KEYRING_CONTEXT_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keyring/context_text.h"

#define CONTEXT_HASH 32                      /* bytes of key, digest and MAC */
#define CONTEXT_HASH_TEXT (2 * CONTEXT_HASH) /* hexadecimal digits of one */
#define CONTEXT_MAC_LINE (4 + CONTEXT_HASH_TEXT + 1)
#define CONTEXT_SEALED_MAX (CONTEXT_TEXT_MAX + CONTEXT_MAC_LINE)

/* name of the extended attribute that a daemon seals the asker's context for, */
#define CONTEXT_ATTRIBUTE "system.guise.context"
/* and of the one that tells whether a seal is its own: SHA256HEX.MACHEX after it, */
#define CONTEXT_CHECK CONTEXT_ATTRIBUTE ".check."
/* and the answers */
#define CONTEXT_YES "yes"
#define CONTEXT_NO "no"

void context_digest(const void *bytes, size_t length, uint8_t digest[CONTEXT_HASH]);

void context_mac(const uint8_t key[CONTEXT_HASH], const uint8_t digest[CONTEXT_HASH],
		 uint8_t mac[CONTEXT_HASH]);

/* Is it the one?  In a time that tells nothing of where they differ. */
bool context_mac_equal(const uint8_t a[CONTEXT_HASH], const uint8_t b[CONTEXT_HASH]);

/* Lower-case hexadecimal digits and a NUL; and back, if @text begins with as many of them. */
void context_hash_format(const uint8_t hash[CONTEXT_HASH], char text[CONTEXT_HASH_TEXT + 1]);
bool context_hash_parse(const char *text, uint8_t hash[CONTEXT_HASH]);

/* Writes the line that seals, with a NUL. */
void context_mac_line(const uint8_t mac[CONTEXT_HASH], char line[CONTEXT_MAC_LINE + 1]);

/* Cuts @size sealed bytes into a text of *@length and the MAC.  False if they do not end as such.
 */
bool context_split(const char *sealed, size_t size, size_t *length, uint8_t mac[CONTEXT_HASH]);

#endif
