/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What SSSD's library would answer on a host in the domain EX of fake_domain.h. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#define IPA_389DS_PLUGIN_HELPER_CALLS
#include <sss_nss_idmap.h>

#pragma GCC visibility push(default)

static int give(const char *text, char **to, enum sss_id_type is, enum sss_id_type *type)
{
	*to = strdup(text);
	*type = is;
	return *to ? 0 : ENOMEM;
}

int sss_nss_getsidbyuid_timeout(uint32_t uid, unsigned int timeout, char **sid,
				enum sss_id_type *type)
{
	if (uid == 5001)
		return give("S-1-5-21-10-20-30-1101", sid, SSS_ID_TYPE_UID, type);
	if (uid == 4000002)
		return give("S-1-5-21-x", sid, SSS_ID_TYPE_UID, type);
	return uid == 4000003 ? ETIMEDOUT : ENOENT;
}

int sss_nss_getsidbygid_timeout(uint32_t gid, unsigned int timeout, char **sid,
				enum sss_id_type *type)
{
	return gid == 6001 ? give("S-1-5-21-10-20-30-1201", sid, SSS_ID_TYPE_GID, type) : ENOENT;
}

int sss_nss_getidbysid_timeout(const char *sid, unsigned int timeout, uint32_t *id,
			       enum sss_id_type *type)
{
	if (strcmp(sid, "S-1-5-21-10-20-30-1101") == 0) {
		*id = 5001;
		*type = SSS_ID_TYPE_UID;
		return 0;
	}
	*id = 6001;
	*type = SSS_ID_TYPE_GID;
	return strcmp(sid, "S-1-5-21-10-20-30-1201") == 0 ? 0 : ENOENT;
}

int sss_nss_getnamebysid_timeout(const char *sid, unsigned int timeout, char **name,
				 enum sss_id_type *type)
{
	return give("alice@ex.test", name, SSS_ID_TYPE_UID, type);
}

int sss_nss_getsidbyname_timeout(const char *name, unsigned int timeout, char **sid,
				 enum sss_id_type *type)
{
	if (strcmp(name, "alice@ex.test") != 0)
		return ENOENT;
	return give("S-1-5-21-10-20-30-1101", sid, SSS_ID_TYPE_UID, type);
}

int sss_nss_getgrouplist_timeout(const char *name, gid_t group, gid_t *groups, int *count,
				 uint32_t flags, unsigned int timeout)
{
	int room = *count;

	if (strcmp(name, "alice@ex.test") != 0)
		return ENOENT;
	*count = 100;
	if (room < 100)
		return ERANGE;
	for (unsigned int i = 0; i < 100; i++)
		groups[i] = 9000 + i;
	return 0;
}
