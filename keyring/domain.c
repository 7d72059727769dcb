/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which service counts, and what is made of its answers. */
#include "keyring/domain.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/domain_ask.h"
#include "keyring/domain_parts.h"

static const char *const names[DOMAIN_MAPPINGS] = {
	[DOMAIN_AUTO] = "auto",
	[DOMAIN_WINBIND] = "winbind",
	[DOMAIN_SSSD] = "sssd",
	[DOMAIN_NONE] = "none",
};

static _Atomic enum domain_mapping chosen = DOMAIN_AUTO;
static _Atomic uint64_t times_forgotten = 1;
static _Thread_local enum domain_mapping chosen_here;
static _Thread_local bool is_chosen_here;
static const struct domain_backend *_Atomic test_backend;

/* Whose accounts' SIDs the host's own have; sid_null: nobody's. */
static struct sid machine;
static pthread_mutex_t machine_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool has_machine;
static _Thread_local struct sid machine_here;

/* What an inquiry is answered by. */
struct view {
	const struct domain_backend *backend; /* NULL: nobody is asked, */
	bool is_unknown;                      /* or who is to be cannot be told */
	bool has_machine;
	struct sid machine;
	bool is_shared; /* what others were answered counts, and our answers for others */
	uint64_t generation;
};

const char *domain_mapping_name(enum domain_mapping mapping)
{
	return (unsigned int)mapping < DOMAIN_MAPPINGS ? names[mapping] : "none";
}

bool domain_mapping_parse(const char *name, enum domain_mapping *mapping)
{
	for (unsigned int i = 0; i < DOMAIN_MAPPINGS; i++) {
		if (strcmp(names[i], name) == 0) {
			*mapping = (enum domain_mapping)i;
			return true;
		}
	}
	return false;
}

static const struct domain_backend *backend_of(enum domain_mapping mapping)
{
	if (mapping != DOMAIN_WINBIND && mapping != DOMAIN_SSSD)
		return NULL;
	if (atomic_load(&test_backend))
		return atomic_load(&test_backend);
	return mapping == DOMAIN_WINBIND ? &domain_winbind : &domain_sssd;
}

const char *domain_mapping_lacks(enum domain_mapping mapping)
{
	const struct domain_backend *backend;

	if (mapping == DOMAIN_AUTO && host_mapping(&mapping) < 0)
		return "/etc/nsswitch.conf cannot be read";
	backend = backend_of(mapping);
	return backend ? backend->lacks() : NULL;
}

void domain_choose(enum domain_mapping mapping)
{
	atomic_store(&chosen, mapping);
	domain_forget();
}

void domain_choose_machine(const struct sid *sid)
{
	pthread_mutex_lock(&machine_lock);
	machine = sid ? *sid : sid_null;
	atomic_store(&has_machine, sid != NULL);
	pthread_mutex_unlock(&machine_lock);
}

void domain_choose_machine_here(const struct sid *sid)
{
	machine_here = sid ? *sid : sid_null;
}

void domain_choose_here(enum domain_mapping mapping)
{
	domain_choose_machine_here(NULL);
	chosen_here = mapping;
	is_chosen_here = true;
}

void domain_choose_end(void)
{
	is_chosen_here = false;
}

void domain_forget(void)
{
	atomic_fetch_add(&times_forgotten, 1);
}

uint64_t domain_generation(void)
{
	return host_generation() + atomic_load(&times_forgotten);
}

static struct sid machine_now(void)
{
	struct sid now = sid_null;

	if (!atomic_load(&has_machine))
		return now;
	pthread_mutex_lock(&machine_lock);
	now = machine;
	pthread_mutex_unlock(&machine_lock);
	return now;
}

/* The generation first: an answer that was overtaken by a change must not count as one after it. */
static struct view view_take(void)
{
	struct view view = {.generation = domain_generation()};
	enum domain_mapping common = atomic_load(&chosen);
	struct sid common_machine = machine_now();
	enum domain_mapping mapping = is_chosen_here ? chosen_here : common;

	view.machine = is_chosen_here ? machine_here : common_machine;
	view.has_machine = !sid_equal(&view.machine, &sid_null);
	view.is_shared = mapping == common && sid_equal(&view.machine, &common_machine);
	if (mapping == DOMAIN_AUTO)
		view.is_unknown = host_mapping(&mapping) < 0;
	if (!view.is_unknown)
		view.backend = backend_of(mapping);
	return view;
}

static bool asks_nobody(const struct view *view)
{
	return !view->backend && !view->is_unknown;
}

const char *domain_in_use(void)
{
	enum domain_mapping mapping = atomic_load(&chosen);

	if (mapping == DOMAIN_AUTO && host_mapping(&mapping) < 0)
		return NULL;
	return mapping == DOMAIN_NONE ? NULL : names[mapping];
}

static struct sid unix_sid(const struct domain_id *id)
{
	return id->is_group ? sid_from_gid(id->id) : sid_from_uid(id->id);
}

/* Is nothing to be asked for @id?  1: *@sid is it; 0: it is to be asked for. */
static int known(const struct view *view, const struct domain_id *id, struct sid *sid)
{
	int own;

	*sid = unix_sid(id);
	if (id->id == UINT32_MAX)
		return 1;
	own = host_is_own(id);
	if (own < 0)
		return -EHOSTDOWN;
	if (own && (id->id == 0 || !view->has_machine))
		return 1;
	return view->is_shared && cache_sid(id, view->generation, sid);
}

static bool is_unix(const struct sid *sid)
{
	id_t id;

	return sid_to_uid(sid, &id) || sid_to_gid(sid, &id);
}

/* S-1-5-21-a-b-c, of which accounts' SIDs have one part more. */
#define MACHINE_SUBS 4

bool domain_is_machine(const struct sid *sid)
{
	struct sid account = *sid;

	if (sid->sub_count != MACHINE_SUBS)
		return false;
	account.sub[account.sub_count++] = 0;
	return sid_is_domain(&account);
}

static bool is_of_machine(const struct view *view, const struct sid *sid)
{
	struct sid above = *sid;

	if (!view->has_machine || !sid_is_domain(sid))
		return false;
	above.sub[--above.sub_count] = 0;
	return sid_equal(&above, &view->machine);
}

/*
 * What @answer for @id is worth.  Of the host's own accounts nobody but the host's own server can
 * say anything.  Services map well-known and built-in groups to ids, too: to guisefs who holds
 * those follows from other things, and such a group is its Unix group here.  But what is answered
 * for a user that is no domain's, and is not "not mapped" either, shows that the mapping is broken:
 * then nobody knows who that is.
 */
static int judge(const struct view *view, const struct domain_id *id, const struct sid *answer,
		 struct sid *sid)
{
	int own = view->has_machine ? host_is_own(id) : 0;

	if (own) {
		*sid = own > 0 && is_of_machine(view, answer) ? *answer : unix_sid(id);
		return own < 0 ? -EHOSTDOWN : 0;
	}
	*sid = sid_is_domain(answer) ? *answer : unix_sid(id);
	if (id->is_group || sid_is_domain(answer) || sid_equal(answer, &sid_null))
		return 0;
	return is_unix(answer) && !sid_equal(answer, &sid_system) ? 0 : -EHOSTDOWN;
}

/* Takes the answers to where they belong. */
static int answers_take(const struct view *view, const struct inquiry *inquiry, struct sid *sids)
{
	for (size_t i = 0; i < inquiry->count; i++) {
		struct sid *sid = &sids[inquiry->places[i]];
		int error = judge(view, &inquiry->ids[i], &inquiry->sids[i], sid);

		if (error)
			return error;
		if (view->is_shared)
			cache_keep_sid(&inquiry->ids[i], view->generation, sid);
	}
	return 0;
}

int domain_sids(const struct domain_id *ids, size_t count, struct sid *sids)
{
	struct view view = view_take();
	SCOPED_INQUIRY inquiry = NULL;
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		int is_known;

		sids[i] = unix_sid(&ids[i]);
		is_known = asks_nobody(&view) ? 1 : known(&view, &ids[i], &sids[i]);
		if (is_known < 0)
			return is_known;
		if (!is_known)
			error = inquiry_add(&inquiry, count, &ids[i], i);
	}
	if (error || !inquiry)
		return error;
	error = view.is_unknown ? -EHOSTDOWN : inquiry_ask(&inquiry, view.backend, ask_sids);
	if (error)
		return error == -ENOMEM ? error : -EHOSTDOWN;
	return answers_take(&view, inquiry, sids);
}

int domain_user_is_own(uid_t uid)
{
	const struct domain_id id = {.id = uid};
	int own = host_is_own(&id);

	return own < 0 ? -EHOSTDOWN : own;
}

int domain_user_sid(uid_t uid, struct sid *sid)
{
	const struct domain_id id = {.id = uid};

	return domain_sids(&id, 1, sid);
}

int domain_group_sid(gid_t gid, struct sid *sid)
{
	const struct domain_id id = {.id = gid, .is_group = true};

	return domain_sids(&id, 1, sid);
}

/* Is *@id, to which @sid was said to be mapped, mapped back to it?  The host's own never are. */
static int maps_back(const struct sid *sid, const struct domain_id *id, bool *is_mapped)
{
	struct sid back;
	int error = *is_mapped ? domain_sids(id, 1, &back) : 0;

	*is_mapped = *is_mapped && !error && sid_equal(sid, &back);
	return error;
}

static int check_ids(const struct sid *sid, struct domain_ids *ids)
{
	const struct domain_id user = {.id = ids->uid}, group = {.id = ids->gid, .is_group = true};
	int error = maps_back(sid, &user, &ids->has_uid);

	return error ? error : maps_back(sid, &group, &ids->has_gid);
}

/* An inquiry about @sid, which is a domain's. */
static int sid_ask(const struct view *view, const struct sid *sid, ask_fn *ask,
		   struct inquiry **inquiry)
{
	int error = inquiry_make(inquiry, 0);

	if (error)
		return error;
	if (view->is_unknown)
		return -EHOSTDOWN;
	(*inquiry)->sid = *sid;
	error = inquiry_ask(inquiry, view->backend, ask);
	return error && error != -ENOMEM && error != -ENOENT ? -EHOSTDOWN : error;
}

int domain_ids(const struct sid *sid, struct domain_ids *ids)
{
	SCOPED_INQUIRY inquiry = NULL;
	struct view view;
	int error;

	*ids = (struct domain_ids){0};
	ids->has_uid = sid_to_uid(sid, &ids->uid);
	ids->has_gid = sid_to_gid(sid, &ids->gid);
	if (!sid_is_domain(sid))
		return 0;
	view = view_take();
	if (asks_nobody(&view) || (view.is_shared && cache_ids(sid, view.generation, ids)))
		return 0;
	error = sid_ask(&view, sid, ask_ids, &inquiry);
	if (!error) {
		*ids = inquiry->unix_ids;
		error = check_ids(sid, ids);
	}
	if (error && error != -ENOENT)
		return error;
	if (view.is_shared)
		cache_keep_ids(sid, view.generation, ids);
	return 0;
}

int domain_uid(const struct sid *sid, uid_t *uid)
{
	struct domain_ids ids;
	int error = domain_ids(sid, &ids);

	*uid = ids.uid;
	return error || ids.has_uid ? error : -ENOENT;
}

int domain_gid(const struct sid *sid, gid_t *gid)
{
	struct domain_ids ids;
	int error = domain_ids(sid, &ids);

	*gid = ids.gid;
	return error || ids.has_gid ? error : -ENOENT;
}

/* those that each domain has are below, administrators among them, [MS-DTYP] 2.4.2.4 */
#define FIRST_ACCOUNT_RID 1000
#define DOMAIN_USERS_RID 513
#define DOMAIN_COMPUTERS_RID 515

bool domain_sid_is_ordinary(const struct sid *sid)
{
	uint32_t rid = sid->sub[4];

	return sid_is_domain(sid) && (rid >= FIRST_ACCOUNT_RID ||
				      (rid >= DOMAIN_USERS_RID && rid <= DOMAIN_COMPUTERS_RID));
}

static int copy_text(const char *from, char *to, size_t size)
{
	size_t length = strlen(from);

	if (length >= size)
		return -ENAMETOOLONG;
	memcpy(to, from, length + 1);
	return 0;
}

int domain_name(const struct sid *sid, char *name, size_t size)
{
	SCOPED_INQUIRY inquiry = NULL;
	struct view view = view_take();
	int error;

	if (!sid_is_domain(sid) || asks_nobody(&view))
		return -ENOENT;
	error = sid_ask(&view, sid, ask_name, &inquiry);
	return error ? error : copy_text(inquiry->name, name, size);
}

/* An inquiry about the account or group @name. */
static int name_ask(const struct view *view, const char *name, gid_t gid, ask_fn *ask,
		    struct inquiry **inquiry)
{
	int error = inquiry_make(inquiry, 0);

	if (!error)
		error = copy_text(name, (*inquiry)->name, sizeof((*inquiry)->name));
	if (error)
		return error;
	if (view->is_unknown)
		return -EHOSTDOWN;
	(*inquiry)->gid = gid;
	error = inquiry_ask(inquiry, view->backend, ask);
	return error && error != -ENOMEM && error != -ENOENT ? -EHOSTDOWN : error;
}

int domain_named(const char *name, struct sid *sid)
{
	SCOPED_INQUIRY inquiry = NULL;
	struct view view = view_take();
	int error;

	if (asks_nobody(&view) || !strpbrk(name, "\\@"))
		return -ENOENT;
	error = name_ask(&view, name, 0, ask_named, &inquiry);
	if (error)
		return error;
	*sid = inquiry->sid;
	return sid_is_domain(sid) ? 0 : -ENOENT;
}

static bool has_group(const gid_t *groups, size_t count, gid_t gid)
{
	for (size_t i = 0; i < count; i++) {
		if (groups[i] == gid)
			return true;
	}
	return false;
}

/* Appends to *@groups those of @more that are not there yet. */
static int groups_join(const gid_t *more, size_t more_count, gid_t **groups, size_t *count)
{
	size_t before = *count;
	gid_t *joined = reallocarray(*groups, before + more_count + 1, sizeof(*joined));

	if (!joined)
		return -ENOMEM;
	*groups = joined;
	for (size_t i = 0; i < more_count; i++) {
		if (!has_group(joined, before, more[i]))
			joined[(*count)++] = more[i];
	}
	return 0;
}

int domain_add_groups(const char *account, gid_t gid, gid_t **groups, size_t *count)
{
	SCOPED_INQUIRY inquiry = NULL;
	struct view view = view_take();
	int error;

	if (asks_nobody(&view))
		return 0;
	error = name_ask(&view, account, gid, ask_groups, &inquiry);
	/* it is one of its accounts */
	if (error)
		return error == -ENOENT ? -EHOSTDOWN : error;
	return groups_join(inquiry->groups, inquiry->group_count, groups, count);
}

void domain_test_backend(const struct domain_backend *backend)
{
	atomic_store(&test_backend, backend);
	domain_forget();
}
