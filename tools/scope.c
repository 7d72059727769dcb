/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which objects a command is about. */
#include "scope.h"

#include <string.h>

#include "command.h"
#include "error.h"

bool scope_option(struct scope *scope, int option)
{
	switch (option) {
	case 'R':
		scope->recursive = true;
		return true;
	case 'P':
		scope->links = LINKS_PHYSICAL;
		return true;
	case 'L':
		scope->links = LINKS_LOGICAL;
		return true;
	case 'x':
		scope->one_file_system = true;
		return true;
	case '0':
		scope->null = true;
		return true;
	case SCOPE_FILES_FROM:
		scope->files_from = optarg;
		return true;
	case SCOPE_CONTINUE:
		scope->keep_going = true;
		return true;
	case SCOPE_RESUME:
		scope->resume = optarg;
		return true;
	case SCOPE_PROGRESS:
		scope->progress = true;
		return true;
	case SCOPE_DESCRIPTOR:
		scope->descriptor = true;
		return true;
	case SCOPE_FOLDER:
		scope->folder = true;
		return true;
	default:
		return false;
	}
}

int scope_check(const struct scope *scope, int count)
{
	if (scope->files_from && count > 0)
		return error_usage("--files-from and PATHs on the command line exclude each other");
	if (!scope->files_from && count == 0)
		return error_usage("no PATH given");
	if (scope->null && !scope->files_from)
		return error_usage("-0 says how --files-from is to be read, which is not given");
	if (scope->descriptor && scope->recursive)
		return error_usage("--descriptor and -R exclude each other");
	return STATUS_OK;
}

bool scope_follows_named(const struct scope *scope)
{
	if (scope->links == LINKS_DEFAULT)
		return !scope->recursive;
	return scope->links == LINKS_LOGICAL;
}

bool scope_follows_found(const struct scope *scope)
{
	return scope->links == LINKS_LOGICAL;
}

bool scope_is_specimen(const struct scope *scope, const char *path)
{
	return scope->descriptor || (!scope->files_from && strcmp(path, "-") == 0);
}
