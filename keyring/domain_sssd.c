/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SSSD, through libsss_nss_idmap.
 *
 * That library says "not found" of everything that it cannot find out, also while SSSD does not
 * run. So an id counts as not mapped only if some account or group of the host has it: what nobody
 * knows could be one of the domain's.
 */
#include <errno.h>

#include "keyring/domain_parts.h"

#ifdef HAVE_SSS_NSS_IDMAP

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* asks for the functions that take a time-out */
#define IPA_389DS_PLUGIN_HELPER_CALLS
#include <sss_nss_idmap.h>

#include "keyring/domain_library.h"
#include "keyring/idmap.h"
#include "keyring/scoped.h"

#define LIBRARY "libsss_nss_idmap.so.0"
#define TIMEOUT_MS 30000
/* where SSSD answers that library, on every host */
#define SOCKET "/var/lib/sss/pipes/nss"

static struct {
	__typeof__(sss_nss_getsidbyuid_timeout) *sid_of_uid;
	__typeof__(sss_nss_getsidbygid_timeout) *sid_of_gid;
	__typeof__(sss_nss_getidbysid_timeout) *id_of_sid;
	__typeof__(sss_nss_getnamebysid_timeout) *name_of_sid;
	__typeof__(sss_nss_getsidbyname_timeout) *sid_of_name;
	__typeof__(sss_nss_getgrouplist_timeout) *groups;
} sss;

static const struct domain_function functions[] = {
	{"sss_nss_getsidbyuid_timeout", &sss.sid_of_uid},
	{"sss_nss_getsidbygid_timeout", &sss.sid_of_gid},
	{"sss_nss_getidbysid_timeout", &sss.id_of_sid},
	{"sss_nss_getnamebysid_timeout", &sss.name_of_sid},
	{"sss_nss_getsidbyname_timeout", &sss.sid_of_name},
	{"sss_nss_getgrouplist_timeout", &sss.groups},
};

static struct domain_library library = {
	.path = LIBRARY,
	.functions = functions,
	.count = sizeof(functions) / sizeof(*functions),
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static const char *socket_path = SOCKET;

static const char *lacks(void)
{
	return domain_library_load(&library) ? NULL
					     : LIBRARY " (SSSD 2.6 or newer) cannot be loaded";
}

static bool is_running(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	SCOPED_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || strlen(socket_path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	/* one that has too many connections runs */
	return connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
	       errno == EAGAIN;
}

/* Positive errnos, and ENOENT for anything. */
static int result_of(int error)
{
	if (error == 0 || error == ENOMEM)
		return -error;
	return error == ENOENT && is_running() ? -ENOENT : -EHOSTDOWN;
}

/* A SID as text, which it frees. */
static int sid_take(int error, char *text, struct sid *sid)
{
	SCOPED_BUFFER char *taken = error ? NULL : text;
	const char *end;

	if (error)
		return result_of(error);
	return taken && sid_parse(taken, sid, &end) && *end == '\0' ? 0 : -EHOSTDOWN;
}

static int known_otherwise(const struct domain_id *id)
{
	char name[IDMAP_NAME_MAX];
	int error = id->is_group ? idmap_group_name(id->id, name, sizeof(name))
				 : idmap_user_name(id->id, name, sizeof(name));

	return error && error != -ENAMETOOLONG ? -EHOSTDOWN : 0;
}

static int sssd_sids(const struct domain_id *ids, size_t count, struct sid *sids)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		enum sss_id_type type;
		char *text = NULL;

		error = ids[i].is_group ? sss.sid_of_gid(ids[i].id, TIMEOUT_MS, &text, &type)
					: sss.sid_of_uid(ids[i].id, TIMEOUT_MS, &text, &type);
		if (error == ENOENT) {
			sids[i] = sid_null;
			error = known_otherwise(&ids[i]);
		} else {
			error = sid_take(error, text, &sids[i]);
		}
	}
	return error;
}

static int sssd_ids(const struct sid *sid, struct domain_ids *ids)
{
	char text[SID_MAX_TEXT];
	enum sss_id_type type = SSS_ID_TYPE_NOT_SPECIFIED;
	uint32_t id = 0;
	int error = result_of(sss.id_of_sid(sid_format(sid, text), TIMEOUT_MS, &id, &type));

	if (error)
		return error;
	ids->has_uid = type == SSS_ID_TYPE_UID || type == SSS_ID_TYPE_BOTH;
	ids->has_gid = type == SSS_ID_TYPE_GID || type == SSS_ID_TYPE_BOTH;
	ids->is_user = ids->has_uid; /* who is both has a group of its own */
	ids->uid = id;
	ids->gid = id;
	return 0;
}

static int sssd_name(const struct sid *sid, char *name, size_t size)
{
	char text[SID_MAX_TEXT];
	char *found = NULL;
	enum sss_id_type type;
	int error = result_of(sss.name_of_sid(sid_format(sid, text), TIMEOUT_MS, &found, &type));
	SCOPED_BUFFER char *taken = error ? NULL : found;

	if (error)
		return error;
	if (!taken || strlen(taken) >= size)
		return -ENAMETOOLONG;
	memcpy(name, taken, strlen(taken) + 1);
	return 0;
}

static int sssd_named(const char *name, struct sid *sid)
{
	enum sss_id_type type;
	char *text = NULL;
	int error = sss.sid_of_name(name, TIMEOUT_MS, &text, &type);

	return sid_take(error, text, sid);
}

/* It says how many there are if they do not fit. */
static int sssd_groups(const char *account, gid_t gid, gid_t **groups, size_t *count)
{
	int room = 64, error = ERANGE;

	for (int attempt = 0; attempt < 4 && error == ERANGE; attempt++) {
		int needed = room;

		free(*groups);
		*groups = calloc((size_t)room, sizeof(**groups));
		if (!*groups)
			return -ENOMEM;
		error = sss.groups(account, gid, *groups, &needed, SSS_NSS_EX_FLAG_NO_FLAGS,
				   TIMEOUT_MS);
		if (needed < 0 || (error == ERANGE && needed <= room))
			return -EHOSTDOWN;
		if (error == ERANGE)
			room = needed;
		*count = (size_t)needed;
	}
	return result_of(error);
}

void domain_sssd_test(const char *path, const char *socket)
{
	library.path = path;
	socket_path = socket;
}

const struct domain_backend domain_sssd = {
	.lacks = lacks,
	.sids = sssd_sids,
	.ids = sssd_ids,
	.name = sssd_name,
	.named = sssd_named,
	.groups = sssd_groups,
};

#else

static const char *lacks(void)
{
	return "this build knows nothing of SSSD (libsss_nss_idmap's header was not there)";
}

void domain_sssd_test(const char *path, const char *socket)
{
}

const struct domain_backend domain_sssd = {.lacks = lacks};

#endif
