/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library checks of a token key before it uses it, so that a server
 * hears at once what every mount would refuse.  The daemon decides on its own.
 */
#ifndef GUISE_KEYRING_CONSENT_H
#define GUISE_KEYRING_CONSENT_H

#include <stdint.h>

#include "keyring/key.h"

/*
 * 0 with a description of the key in *@info, or the errno that
 * guise_impersonate() documents.
 */
int consent_check(int32_t key, struct key_info *info);

#endif
