/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * winbindd, through libwbclient.  Each look-up has a connection of its own while it lasts, so that
 * none waits for another's; a few are kept for the next.
 */
#include <errno.h>

#include "keyring/domain_parts.h"

#ifdef HAVE_WBCLIENT

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wbclient.h>

#include "keyring/domain_library.h"
#include "keyring/idmap.h"

#define LIBRARY "libwbclient.so.0"
#define KEPT 8

static struct {
	__typeof__(wbcCtxCreate) *create;
	__typeof__(wbcCtxFree) *free;
	__typeof__(wbcFreeMemory) *free_memory;
	__typeof__(wbcCtxUnixIdsToSids) *sids;
	__typeof__(wbcCtxSidsToUnixIds) *ids;
	__typeof__(wbcCtxLookupSid) *name;
	__typeof__(wbcCtxLookupName) *named;
	__typeof__(wbcCtxGetGroups) *groups;
} wbc;

static const struct domain_function functions[] = {
	{"wbcCtxCreate", &wbc.create},       {"wbcCtxFree", &wbc.free},
	{"wbcFreeMemory", &wbc.free_memory}, {"wbcCtxUnixIdsToSids", &wbc.sids},
	{"wbcCtxSidsToUnixIds", &wbc.ids},   {"wbcCtxLookupSid", &wbc.name},
	{"wbcCtxLookupName", &wbc.named},    {"wbcCtxGetGroups", &wbc.groups},
};

static struct domain_library library = {
	.path = LIBRARY,
	.functions = functions,
	.count = sizeof(functions) / sizeof(*functions),
	.lock = PTHREAD_MUTEX_INITIALIZER,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static struct wbcContext *kept[KEPT];
static size_t kept_count;

static const char *lacks(void)
{
	return domain_library_load(&library) ? NULL
					     : LIBRARY " (Samba 4.7 or newer) cannot be loaded";
}

static struct wbcContext *context_take(void)
{
	struct wbcContext *context = NULL;

	pthread_mutex_lock(&lock);
	if (kept_count)
		context = kept[--kept_count];
	pthread_mutex_unlock(&lock);
	return context ? context : wbc.create();
}

static void context_put(struct wbcContext *context)
{
	bool keep;

	pthread_mutex_lock(&lock);
	keep = kept_count < KEPT;
	if (keep)
		kept[kept_count++] = context;
	pthread_mutex_unlock(&lock);
	if (!keep)
		wbc.free(context);
}

/* With it the context goes back. */
static int result_of(struct wbcContext *context, wbcErr status)
{
	context_put(context);
	if (status == WBC_ERR_SUCCESS)
		return 0;
	return status == WBC_ERR_NO_MEMORY ? -ENOMEM : -EHOSTDOWN;
}

/* The same of names: winbindd says that there is none, and of all errors of its own, this. */
static int name_result(struct wbcContext *context, wbcErr status)
{
	int error = result_of(context, status);

	return status == WBC_ERR_DOMAIN_NOT_FOUND ? -ENOENT : error;
}

static struct wbcDomainSid to_wbc(const struct sid *sid)
{
	struct wbcDomainSid to = {.sid_rev_num = sid->revision, .num_auths = sid->sub_count};

	memcpy(to.id_auth, sid->authority, sizeof(to.id_auth));
	memcpy(to.sub_auths, sid->sub, sizeof(to.sub_auths));
	return to;
}

/* What is all zero stands for none. */
static struct sid from_wbc(const struct wbcDomainSid *sid)
{
	struct sid to = {.revision = sid->sid_rev_num, .sub_count = sid->num_auths};

	if (sid->sid_rev_num != SID_REVISION || sid->num_auths > SID_MAX_SUBS)
		return sid_null;
	memcpy(to.authority, sid->id_auth, sizeof(to.authority));
	memcpy(to.sub, sid->sub_auths, to.sub_count * sizeof(to.sub[0]));
	return to;
}

static int winbind_sids(const struct domain_id *ids, size_t count, struct sid *sids)
{
	struct wbcContext *context = context_take();
	struct wbcUnixId *unix_ids = calloc(count, sizeof(*unix_ids));
	struct wbcDomainSid *found = calloc(count, sizeof(*found));
	int error = -ENOMEM;

	if (context && unix_ids && found) {
		for (size_t i = 0; i < count; i++) {
			unix_ids[i].type = ids[i].is_group ? WBC_ID_TYPE_GID : WBC_ID_TYPE_UID;
			unix_ids[i].id.uid = ids[i].id;
		}
		error = result_of(context, wbc.sids(context, unix_ids, (uint32_t)count, found));
	} else if (context) {
		context_put(context);
	}
	for (size_t i = 0; i < count && !error; i++)
		sids[i] = from_wbc(&found[i]);
	free(unix_ids);
	free(found);
	return error;
}

/* The type of @sid; none if winbindd does not know. */
static int type_of(const struct wbcDomainSid *sid, enum wbcSidType *type)
{
	struct wbcContext *context = context_take();
	char *domain = NULL, *account = NULL;
	int error;

	*type = WBC_SID_NAME_USE_NONE;
	if (!context)
		return -ENOMEM;
	error = name_result(context, wbc.name(context, sid, &domain, &account, type));
	if (!error) {
		wbc.free_memory(domain);
		wbc.free_memory(account);
	}
	return error == -ENOENT ? 0 : error;
}

/* Ids that are of one space say nothing of what has them: then the type does. */
static int winbind_ids(const struct sid *sid, struct domain_ids *ids)
{
	struct wbcContext *context = context_take();
	const struct wbcDomainSid asked = to_wbc(sid);
	struct wbcUnixId id = {.type = WBC_ID_TYPE_NOT_SPECIFIED};
	enum wbcSidType type = WBC_SID_NAME_USE_NONE;
	bool is_group;
	int error;

	if (!context)
		return -ENOMEM;
	error = result_of(context, wbc.ids(context, &asked, 1, &id));
	if (!error && id.type == WBC_ID_TYPE_BOTH)
		error = type_of(&asked, &type);
	if (error)
		return error;
	is_group = type == WBC_SID_NAME_DOM_GRP || type == WBC_SID_NAME_ALIAS;
	ids->is_user = type == WBC_SID_NAME_USER || type == WBC_SID_NAME_COMPUTER ||
		       id.type == WBC_ID_TYPE_UID;
	ids->has_uid = id.type == WBC_ID_TYPE_UID || (id.type == WBC_ID_TYPE_BOTH && !is_group);
	ids->has_gid = id.type == WBC_ID_TYPE_GID || id.type == WBC_ID_TYPE_BOTH;
	ids->uid = id.id.uid;
	ids->gid = id.id.uid;
	return 0;
}

static int winbind_name(const struct sid *sid, char *name, size_t size)
{
	struct wbcContext *context = context_take();
	const struct wbcDomainSid asked = to_wbc(sid);
	char *domain = NULL, *account = NULL;
	enum wbcSidType type;
	int error, width;

	if (!context)
		return -ENOMEM;
	error = name_result(context, wbc.name(context, &asked, &domain, &account, &type));
	if (error)
		return error;
	width = snprintf(name, size, "%s\\%s", domain, account);
	wbc.free_memory(domain);
	wbc.free_memory(account);
	return width < 0 || (size_t)width >= size ? -ENAMETOOLONG : 0;
}

static int winbind_named(const char *name, struct sid *sid)
{
	struct wbcContext *context = context_take();
	const char *account = strchr(name, '\\');
	char domain[IDMAP_NAME_MAX] = "";
	struct wbcDomainSid found;
	enum wbcSidType type;
	int error;

	if (!context)
		return -ENOMEM;
	if (account && (size_t)(account - name) < sizeof(domain))
		memcpy(domain, name, (size_t)(account - name));
	error = name_result(
		context, wbc.named(context, domain, account ? account + 1 : name, &found, &type));
	if (!error)
		*sid = from_wbc(&found);
	return error;
}

static int winbind_groups(const char *account, gid_t gid, gid_t **groups, size_t *count)
{
	struct wbcContext *context = context_take();
	gid_t *found = NULL;
	uint32_t number = 0;
	int error;

	if (!context)
		return -ENOMEM;
	error = result_of(context, wbc.groups(context, account, &number, &found));
	if (error)
		return error;
	*groups = calloc((size_t)number + 1, sizeof(**groups));
	if (*groups && number)
		memcpy(*groups, found, number * sizeof(**groups));
	*count = number;
	wbc.free_memory(found);
	return *groups ? 0 : -ENOMEM;
}

const struct domain_backend domain_winbind = {
	.lacks = lacks,
	.sids = winbind_sids,
	.ids = winbind_ids,
	.name = winbind_name,
	.named = winbind_named,
	.groups = winbind_groups,
};

#else

static const char *lacks(void)
{
	return "this build knows nothing of winbind (libwbclient's header was not there)";
}

const struct domain_backend domain_winbind = {.lacks = lacks};

#endif
