/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests, message authentication codes and their spelling. */
#include "keyring/context_mac.h"

#include <string.h>

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>

/* No other use of the key, now or later, begins so: its NUL is part of it. */
static const char domain[] = "guise-context-mac 1";
static const char digits[] = "0123456789abcdef";
static const char word[] = "mac ";

void context_digest(const void *bytes, size_t length, uint8_t digest[CONTEXT_HASH])
{
	struct sha256_ctx hash;

	sha256_init(&hash);
	sha256_update(&hash, length, bytes);
	sha256_digest(&hash, CONTEXT_HASH, digest);
}

void context_mac(const uint8_t key[CONTEXT_HASH], const uint8_t digest[CONTEXT_HASH],
		 uint8_t mac[CONTEXT_HASH])
{
	struct hmac_sha256_ctx hmac;

	hmac_sha256_set_key(&hmac, CONTEXT_HASH, key);
	hmac_sha256_update(&hmac, sizeof(domain), (const uint8_t *)domain);
	hmac_sha256_update(&hmac, CONTEXT_HASH, digest);
	hmac_sha256_digest(&hmac, CONTEXT_HASH, mac);
	explicit_bzero(&hmac, sizeof(hmac));
}

bool context_mac_equal(const uint8_t a[CONTEXT_HASH], const uint8_t b[CONTEXT_HASH])
{
	return memeql_sec(a, b, CONTEXT_HASH) != 0;
}

void context_hash_format(const uint8_t hash[CONTEXT_HASH], char text[CONTEXT_HASH_TEXT + 1])
{
	for (size_t i = 0; i < CONTEXT_HASH; i++) {
		*text++ = digits[hash[i] >> 4];
		*text++ = digits[hash[i] & 0xf];
	}
	*text = '\0';
}

bool context_hash_parse(const char *text, uint8_t hash[CONTEXT_HASH])
{
	for (size_t i = 0; i < CONTEXT_HASH_TEXT; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return false;
		hash[i / 2] = (uint8_t)(hash[i / 2] << 4 | (digit - digits));
	}
	return true;
}

void context_mac_line(const uint8_t mac[CONTEXT_HASH], char line[CONTEXT_MAC_LINE + 1])
{
	memcpy(line, word, strlen(word));
	context_hash_format(mac, line + strlen(word));
	memcpy(line + CONTEXT_MAC_LINE - 1, "\n", 2);
}

bool context_split(const char *sealed, size_t size, size_t *length, uint8_t mac[CONTEXT_HASH])
{
	char hash[CONTEXT_HASH_TEXT + 1];
	const char *line;

	if (size <= CONTEXT_MAC_LINE || size > CONTEXT_SEALED_MAX)
		return false;
	*length = size - CONTEXT_MAC_LINE;
	line = sealed + *length;
	if (memcmp(line, word, strlen(word)) != 0 || sealed[size - 1] != '\n')
		return false;
	memcpy(hash, line + strlen(word), CONTEXT_HASH_TEXT);
	hash[CONTEXT_HASH_TEXT] = '\0';
	return context_hash_parse(hash, mac);
}
