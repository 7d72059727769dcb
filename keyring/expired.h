/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Consents that have ended, and still fill their maker's key quota. */
#ifndef GUISE_KEYRING_EXPIRED_H
#define GUISE_KEYRING_EXPIRED_H

/*
 * Unlinks token keys of the caller's own that have expired or are revoked from its user keyring.
 * The kernel would collect them some minutes later, but keep the bytes of the link.
 */
void expired_forget(void);

#endif
