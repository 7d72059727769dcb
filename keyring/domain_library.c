/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Libraries at run time; see dlopen(3). */
#include "keyring/domain_library.h"

#include <dlfcn.h>
#include <string.h>

static bool find_all(const struct domain_library *library, void *handle)
{
	for (size_t i = 0; i < library->count; i++) {
		void *found = dlsym(handle, library->functions[i].name);

		if (!found)
			return false;
		/* a function's address is no object's in C */
		memcpy(library->functions[i].pointer, &found, sizeof(found));
	}
	return true;
}

bool domain_library_load(struct domain_library *library)
{
	bool is_loaded;

	pthread_mutex_lock(&library->lock);
	if (!library->handle) {
		void *handle = dlopen(library->path, RTLD_NOW | RTLD_LOCAL);

		if (handle && find_all(library, handle))
			library->handle = handle;
		else if (handle)
			dlclose(handle);
	}
	is_loaded = library->handle;
	pthread_mutex_unlock(&library->lock);
	return is_loaded;
}
