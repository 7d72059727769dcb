/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Acting as a client for the time of one function.
 *
 * Compiled with -fexceptions, so that what a C++ function throws reverts on its way out.
 */
#include <errno.h>
#include <stddef.h>

#include "keyring/guise.h"

static void end_scope(int *const *reverted)
{
	**reverted = guise_revert();
}

/* Whichever way @fn ends, or whomever it impersonates. */
static int run(int (*fn)(void *arg), void *arg, int *reverted)
{
	__attribute__((cleanup(end_scope), unused)) int *const scope = reverted;

	return fn(arg);
}

int guise_with_token(int32_t serial, int (*fn)(void *arg), void *arg, int *result)
{
	int reverted;
	int error = guise_impersonate(serial);

	/* itself in any case, also if it was somebody else before */
	if (error)
		return guise_revert() ? -ENOTRECOVERABLE : error;
	error = run(fn, arg, &reverted);
	if (result)
		*result = error;
	return reverted ? -ENOTRECOVERABLE : 0;
}
