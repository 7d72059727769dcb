/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library of a domain's service, loaded when it is needed and not before: hosts that are in no
 * domain need not have it.
 */
#ifndef GUISE_KEYRING_DOMAIN_LIBRARY_H
#define GUISE_KEYRING_DOMAIN_LIBRARY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* A function of it, and the pointer that it goes to. */
struct domain_function {
	const char *name;
	void *pointer;
};

struct domain_library {
	const char *path;
	const struct domain_function *functions;
	size_t count;
	pthread_mutex_t lock;
	void *handle; /* once it is loaded all the functions are there */
};

/* Loads it unless it is loaded already; false: it cannot be, or lacks a function.  Thread safe. */
bool domain_library_load(struct domain_library *library);

#endif
