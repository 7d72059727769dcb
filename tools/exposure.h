/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a mode was relied on for: an object that never had a descriptor is reached only through
 * folders that its caller may pass.  Once it has one, that alone says who may do what (as on
 * Windows, traversal is bypassed), and a home of mode 0700 full of files of mode 0644 is open.
 */
#ifndef GUISE_TOOLS_EXPOSURE_H
#define GUISE_TOOLS_EXPOSURE_H

#include "change.h"

/*
 * May @target be given the descriptor @to?  STATUS_OK, or STATUS_FAILED, having reported that
 * it would become open, by what its mode says and @to goes on with, to some who cannot reach it
 * now.
 */
int exposure_check(const struct target *target, const struct descriptor *to);

#endif
