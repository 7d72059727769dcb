/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of levels and privileges.  Apart from tokens: a client's library needs only these. */
#include <string.h>

#include "acl/token.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const level_names[] = {"anonymous", "identify", "impersonate", "delegate"};

/* in the order of their bits */
static const char *const privilege_names[] = {
	"SeSecurityPrivilege",      "SeBackupPrivilege",       "SeRestorePrivilege",
	"SeTakeOwnershipPrivilege", "SeChangeNotifyPrivilege", "SeRelabelPrivilege",
};

const char *token_level_name(enum token_level level)
{
	if ((unsigned int)level >= COUNT(level_names))
		return "unknown";
	return level_names[level];
}

bool token_level_parse(const char *name, enum token_level *level)
{
	for (size_t i = 0; i < COUNT(level_names); i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*level = (enum token_level)i;
			return true;
		}
	}
	return false;
}

uint32_t token_privilege_parse(const char *name)
{
	for (size_t i = 0; i < COUNT(privilege_names); i++) {
		if (strcmp(name, privilege_names[i]) == 0)
			return UINT32_C(1) << i;
	}
	return 0;
}

const char *token_privilege_name(uint32_t bit)
{
	for (size_t i = 0; i < COUNT(privilege_names); i++) {
		if (bit == UINT32_C(1) << i)
			return privilege_names[i];
	}
	return NULL;
}
