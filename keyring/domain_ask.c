/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inquiries, and who runs them. */
#include "keyring/domain_ask.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Who asks is one thing, whom a descriptor names another: that anybody writes, and could find SIDs
 * that take their domain very long.
 */
static struct lane identities = LANE_INITIALIZER;
static struct lane sids = LANE_INITIALIZER;

static struct lane *lane_of(ask_fn *ask)
{
	return ask == ask_sids || ask == ask_groups ? &identities : &sids;
}

int ask_sids(struct inquiry *inquiry)
{
	return inquiry->backend->sids(inquiry->ids, inquiry->count, inquiry->sids);
}

int ask_ids(struct inquiry *inquiry)
{
	return inquiry->backend->ids(&inquiry->sid, &inquiry->unix_ids);
}

int ask_name(struct inquiry *inquiry)
{
	return inquiry->backend->name(&inquiry->sid, inquiry->name, sizeof(inquiry->name));
}

int ask_named(struct inquiry *inquiry)
{
	return inquiry->backend->named(inquiry->name, &inquiry->sid);
}

int ask_groups(struct inquiry *inquiry)
{
	return inquiry->backend->groups(inquiry->name, inquiry->gid, &inquiry->groups,
					&inquiry->group_count);
}

static int inquiry_run(struct work *work)
{
	struct inquiry *inquiry = (struct inquiry *)work;

	if (inquiry->backend->lacks())
		return -EHOSTDOWN;
	return inquiry->ask(inquiry);
}

static void inquiry_destroy(struct work *work)
{
	struct inquiry *inquiry = (struct inquiry *)work;

	free(inquiry->ids);
	free(inquiry->places);
	free(inquiry->sids);
	free(inquiry->groups);
	free(inquiry);
}

void inquiry_free(struct inquiry **inquiry)
{
	if (*inquiry)
		inquiry_destroy(&(*inquiry)->work);
	*inquiry = NULL;
}

int inquiry_make(struct inquiry **inquiry, size_t room)
{
	struct inquiry *made = calloc(1, sizeof(*made));

	*inquiry = made;
	if (!made)
		return -ENOMEM;
	made->work = (struct work){.run = inquiry_run, .destroy = inquiry_destroy};
	if (!room)
		return 0;
	made->ids = calloc(room, sizeof(*made->ids));
	made->places = calloc(room, sizeof(*made->places));
	made->sids = calloc(room, sizeof(*made->sids));
	return made->ids && made->places && made->sids ? 0 : -ENOMEM;
}

int inquiry_add(struct inquiry **inquiry, size_t room, const struct domain_id *id, size_t place)
{
	int error = *inquiry ? 0 : inquiry_make(inquiry, room);

	if (error)
		return error;
	(*inquiry)->ids[(*inquiry)->count] = *id;
	(*inquiry)->places[(*inquiry)->count] = place;
	(*inquiry)->sids[(*inquiry)->count++] = sid_null;
	return 0;
}

int inquiry_ask(struct inquiry **inquiry, const struct domain_backend *backend, ask_fn *ask)
{
	struct work *work = &(*inquiry)->work;
	int error;

	(*inquiry)->backend = backend;
	(*inquiry)->ask = ask;
	error = bounded_run(lane_of(ask), &work);
	*inquiry = (struct inquiry *)work;
	return error;
}
