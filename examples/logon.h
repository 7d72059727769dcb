/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Logging on by password, for clients that have no process on this host to consent with.
 *
 * The password file has a line USER:HASH for each user, the hash as crypt(3) makes it.  The
 * server's account needs the logon right in the host's policy, and with it can be
 * any user of whom it says so: a server that can do without should not have it.
 */
#ifndef EXAMPLES_LOGON_H
#define EXAMPLES_LOGON_H

#include <stdint.h>

/*
 * If @password is that of @user in @file, makes a token key for that user, which this
 * server's account may use for a minute, and stores it in *@serial; to be revoked when the
 * client has been served.  0, -EACCES (no such user, or another password), or why not.
 */
int logon_issue(const char *file, const char *user, const char *password, int32_t *serial);

#endif
