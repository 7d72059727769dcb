/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Would the caller be locked out by a descriptor: not be able to give the object another?
 */
#ifndef GUISE_TOOLS_LOCKOUT_H
#define GUISE_TOOLS_LOCKOUT_H

#include <stdbool.h>

#include "acl/descriptor.h"
#include "change.h"
#include "object.h"

/*
 * Stores in *@out whether the caller, as the mount sees it that @object is on, has with @sd
 * neither WRITE_DAC nor, by privilege, WRITE_OWNER.  On a backing folder, which only root
 * changes, and where identity cannot be told, nobody is locked out.  0 or -errno.
 */
int lockout_check(const struct object *object, const struct descriptor *sd, bool *out);

/*
 * Before a command makes *@to the descriptor of @target: unless @force, refuses for an object that
 * was named itself if the caller would be locked out by it and is not yet, or could not read it any
 * more.  STATUS_OK; or STATUS_DENIED, which was reported, and *@to is gone.
 */
int lockout_guard(const struct target *target, struct descriptor **to, bool force);

#endif
