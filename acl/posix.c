/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX modes and ACLs as descriptors and back.
 *
 * To a descriptor: POSIX lets the first matching class decide (owner, named
 * user, any of the groups, other).  An allow ACE followed by a deny ACE of
 * what later classes would add says the same in a DACL.
 *
 * From a descriptor: each entry gets what the walk of the DACL grants to a
 * caller of whom no more is known than that the entry matches.  Allow ACEs
 * count if they match every such caller, deny ACEs if they may match one.
 */
#include "acl/posix.h"

#include <stdlib.h>
#include <string.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "acl/mask.h"

#define PERM_READ 4u
#define PERM_WRITE 2u
#define PERM_EXECUTE 1u

/* what everyone may do with anything that they can reach */
#define EVERYONE_RIGHTS (READ_CONTROL | SYNCHRONIZE | FILE_READ_ATTRIBUTES)
#define OWNER_RIGHTS (FILE_WRITE_ATTRIBUTES | WRITE_DAC | WRITE_OWNER)

#define READ_RIGHTS (FILE_READ_DATA | FILE_READ_EA)
#define FILE_WRITE_RIGHTS (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA)

/* Named entries written at most: what every filesystem has room for. */
#define NAMED_MAX 25

/* SIDs of domains that are asked for at most: whoever writes a DACL makes others wait for it. */
#define MAPPED_MAX 64

static void posix_acl_freep(acl_t *acl)
{
	if (*acl)
		acl_free(*acl);
}

/* ---- to a descriptor ---- */

/* A named entry of a POSIX ACL, masked. */
struct named {
	struct sid sid;
	bool user;
	unsigned int perm;
};

/* A POSIX ACL or mode, taken apart; the mask has been applied. */
struct posix_list {
	struct sid owner_sid, group_sid;
	unsigned int owner, group, other;
	struct named *named;
	size_t count;
};

static void posix_list_clear(struct posix_list *list)
{
	free(list->named);
}

/* What a kind of object makes of the permission bits. */
enum object_kind { KIND_FILE, KIND_FOLDER, KIND_STICKY };

static uint32_t perm_rights(unsigned int perm, enum object_kind kind, bool owner)
{
	uint32_t rights = 0;

	if (perm & PERM_READ)
		rights |= READ_RIGHTS;
	if (perm & PERM_EXECUTE)
		rights |= FILE_EXECUTE;
	if (!(perm & PERM_WRITE))
		return rights;
	if (kind == KIND_FILE)
		return rights | FILE_WRITE_RIGHTS;
	/* names in a folder can only be changed by who may search it */
	if (!(perm & PERM_EXECUTE))
		return rights;
	rights |= FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_WRITE_EA;
	if (kind == KIND_FOLDER || owner)
		rights |= FILE_DELETE_CHILD;
	return rights;
}

static unsigned int entry_perm(acl_entry_t entry)
{
	acl_permset_t set;

	if (acl_get_permset(entry, &set) != 0)
		return 0;
	return (acl_get_perm(set, ACL_READ) == 1 ? PERM_READ : 0) |
	       (acl_get_perm(set, ACL_WRITE) == 1 ? PERM_WRITE : 0) |
	       (acl_get_perm(set, ACL_EXECUTE) == 1 ? PERM_EXECUTE : 0);
}

/* Adds one entry to @list, stores the mask in *@mask. */
static enum sd_error posix_list_take(struct posix_list *list, acl_entry_t entry, unsigned int *mask)
{
	struct named *named = &list->named[list->count];
	unsigned int perm = entry_perm(entry);
	acl_tag_t tag;
	id_t *id;

	if (acl_get_tag_type(entry, &tag) != 0)
		return SD_BAD_POSIX_ACL;
	switch (tag) {
	case ACL_USER_OBJ:
		list->owner = perm;
		return SD_OK;
	case ACL_GROUP_OBJ:
		list->group = perm;
		return SD_OK;
	case ACL_OTHER:
		list->other = perm;
		return SD_OK;
	case ACL_MASK:
		*mask = perm;
		return SD_OK;
	case ACL_USER:
	case ACL_GROUP:
		id = acl_get_qualifier(entry);
		if (!id)
			return SD_NO_MEMORY;
		named->user = tag == ACL_USER;
		named->sid = named->user ? sid_from_uid(*id) : sid_from_gid(*id);
		named->perm = perm;
		list->count++;
		acl_free(id);
		return SD_OK;
	default:
		return SD_BAD_POSIX_ACL;
	}
}

/* Takes @source apart. */
static enum sd_error posix_list_read(struct posix_list *list, const struct __acl_ext *source)
{
	/* walking a list moves a cursor in it, so walk a copy */
	acl_t acl __attribute__((cleanup(posix_acl_freep))) = acl_dup((acl_t)(uintptr_t)source);
	unsigned int mask = PERM_READ | PERM_WRITE | PERM_EXECUTE;
	acl_entry_t entry;
	int entries, more;

	if (!acl)
		return SD_NO_MEMORY;
	entries = acl_entries(acl);
	if (acl_valid(acl) != 0 || entries <= 0)
		return SD_BAD_POSIX_ACL;
	list->named = calloc((size_t)entries, sizeof(*list->named));
	if (!list->named)
		return SD_NO_MEMORY;
	for (more = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry); more == 1;
	     more = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
		enum sd_error error = posix_list_take(list, entry, &mask);

		if (error)
			return error;
	}
	if (more != 0)
		return SD_BAD_POSIX_ACL;
	list->group &= mask;
	for (size_t i = 0; i < list->count; i++)
		list->named[i].perm &= mask;
	return SD_OK;
}

/* The DACL under construction, and how its next ACEs are to be. */
struct writer {
	struct acl *dacl;
	uint8_t flags;
	enum object_kind kind;
	enum sd_error error;
};

static void writer_put(struct writer *writer, uint8_t type, const struct sid *sid, uint32_t mask)
{
	struct ace ace = ace_make(type, writer->flags, mask, sid);

	if (mask && !writer->error)
		writer->error = acl_append(writer->dacl, &ace);
}

static void writer_allow(struct writer *writer, const struct sid *sid, uint32_t mask)
{
	writer_put(writer, ACCESS_ALLOWED_ACE_TYPE, sid, mask);
}

static void writer_deny(struct writer *writer, const struct sid *sid, uint32_t mask)
{
	writer_put(writer, ACCESS_DENIED_ACE_TYPE, sid, mask);
}

/* What @list's named entries of a sort grant together. */
static uint32_t named_rights(const struct writer *writer, const struct posix_list *list, bool user)
{
	uint32_t rights = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->named[i].user == user)
			rights |= perm_rights(list->named[i].perm, writer->kind, false);
	}
	return rights;
}

static void writer_put_users(struct writer *writer, const struct posix_list *list, uint32_t later)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct named *named = &list->named[i];
		uint32_t own = perm_rights(named->perm, writer->kind, false);

		/* the owner was decided before */
		if (!named->user || sid_equal(&named->sid, &list->owner_sid))
			continue;
		writer_allow(writer, &named->sid, own);
		writer_deny(writer, &named->sid, later & ~own);
	}
}

/* Rights of several groups add up, so nothing is denied before all were allowed. */
static void writer_put_groups(struct writer *writer, const struct posix_list *list, uint32_t other)
{
	uint32_t own = perm_rights(list->group, writer->kind, false);

	writer_allow(writer, &list->group_sid, own);
	for (size_t i = 0; i < list->count; i++) {
		const struct named *named = &list->named[i];

		if (!named->user)
			writer_allow(writer, &named->sid,
				     perm_rights(named->perm, writer->kind, false));
	}
	writer_deny(writer, &list->group_sid, other & ~own);
	for (size_t i = 0; i < list->count; i++) {
		const struct named *named = &list->named[i];

		if (!named->user)
			writer_deny(writer, &named->sid,
				    other & ~perm_rights(named->perm, writer->kind, false));
	}
}

static void writer_put_list(struct writer *writer, const struct posix_list *list)
{
	uint32_t owner = perm_rights(list->owner, writer->kind, true) | OWNER_RIGHTS;
	uint32_t other = perm_rights(list->other, writer->kind, false);
	uint32_t groups =
		perm_rights(list->group, writer->kind, false) | named_rights(writer, list, false);
	uint32_t users = named_rights(writer, list, true);

	writer_allow(writer, &list->owner_sid, owner);
	writer_deny(writer, &list->owner_sid, (users | groups | other) & ~owner);
	writer_put_users(writer, list, groups | other);
	writer_put_groups(writer, list, other);
	writer_allow(writer, &sid_everyone, other | EVERYONE_RIGHTS);
}

static bool perm_differs(unsigned int perm)
{
	return (perm & PERM_WRITE) && !(perm & PERM_EXECUTE);
}

/* Does an entry mean something else on a file than on a folder? */
static bool posix_list_differs(const struct posix_list *list)
{
	bool differs =
		perm_differs(list->owner) || perm_differs(list->group) || perm_differs(list->other);

	for (size_t i = 0; i < list->count; i++)
		differs |= perm_differs(list->named[i].perm);
	return differs;
}

/* The inheritable ACEs that a default ACL stands for. */
static void writer_put_default(struct writer *writer, const struct __acl_ext *source)
{
	struct posix_list list __attribute__((cleanup(posix_list_clear))) = {
		.owner_sid = sid_creator_owner,
		.group_sid = sid_creator_group,
	};

	if (!writer->error)
		writer->error = posix_list_read(&list, source);
	if (writer->error)
		return;
	writer->kind = KIND_FOLDER;
	if (posix_list_differs(&list)) {
		writer->flags = CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE;
		writer_put_list(writer, &list);
		writer->flags = OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE;
		writer->kind = KIND_FILE;
	} else {
		writer->flags = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE;
	}
	writer_put_list(writer, &list);
}

static enum object_kind kind_of_mode(mode_t mode)
{
	if (!S_ISDIR(mode))
		return KIND_FILE;
	return mode & S_ISVTX ? KIND_STICKY : KIND_FOLDER;
}

enum sd_error posix_sids_to_descriptor(mode_t mode, const struct sid *owner,
				       const struct sid *group, const struct __acl_ext *access,
				       const struct __acl_ext *inherit, struct descriptor **sd)
{
	struct posix_list list __attribute__((cleanup(posix_list_clear))) = {
		.owner_sid = *owner,
		.group_sid = *group,
		.owner = mode >> 6 & 7u,
		.group = mode >> 3 & 7u,
		.other = mode & 7u,
	};
	struct descriptor *made __attribute__((cleanup(descriptor_destroyp))) = descriptor_create();
	struct writer writer = {.kind = kind_of_mode(mode)};

	if (!made)
		return SD_NO_MEMORY;
	made->has_owner = made->has_group = true;
	made->owner = list.owner_sid;
	made->group = list.group_sid;
	writer.dacl = acl_create();
	if (!writer.dacl)
		return SD_NO_MEMORY;
	descriptor_set_dacl(made, writer.dacl);
	if (access)
		writer.error = posix_list_read(&list, access);
	if (!writer.error)
		writer_put_list(&writer, &list);
	if (inherit)
		writer_put_default(&writer, inherit);
	if (writer.error)
		return writer.error;
	*sd = made;
	made = NULL;
	return SD_OK;
}

enum sd_error posix_to_descriptor(mode_t mode, uid_t uid, gid_t gid, const struct __acl_ext *access,
				  const struct __acl_ext *inherit, struct descriptor **sd)
{
	const struct sid owner = sid_from_uid(uid), group = sid_from_gid(gid);

	return posix_sids_to_descriptor(mode, &owner, &group, access, inherit, sd);
}

/* ---- from a descriptor ---- */

/* Whom an entry matches. */
enum entry_kind { ENTRY_USER, ENTRY_GROUP, ENTRY_OTHER };

struct entry_id {
	enum entry_kind kind;
	id_t id;
};

/* A domain's SID, and its ids. */
struct mapped {
	struct sid sid;
	struct posix_ids ids;
};

/* The descriptor that is read, and who gets an entry of their own. */
struct reader {
	const struct descriptor *sd;
	bool folder;
	uid_t uid;
	gid_t gid;
	const struct mapped *mapped;
	size_t mapped_count;
	struct entry_id named[NAMED_MAX];
	size_t count;
};

static bool ace_in_force(const struct ace *ace)
{
	return !ace->opaque && !(ace->flags & INHERIT_ONLY_ACE);
}

/* Allows unconditionally: the only allow ACEs to rely on. */
static bool ace_surely_allows(const struct ace *ace)
{
	return ace_in_force(ace) && ace->type == ACCESS_ALLOWED_ACE_TYPE;
}

static bool ace_may_deny(const struct ace *ace)
{
	return ace_in_force(ace) && ace_type_is_deny(ace->type);
}

/* At most two: where users and groups have ids of one space, a SID can be both. */
struct entries {
	struct entry_id list[2];
	size_t count;
};

/* The highest number is no id; no ACL can hold it. */
static void entries_add(struct entries *entries, enum entry_kind kind, id_t id)
{
	if (id != (id_t)-1)
		entries->list[entries->count++] = (struct entry_id){kind, id};
}

static const struct posix_ids *mapped_ids(const struct mapped *mapped, size_t count,
					  const struct sid *sid)
{
	for (size_t i = 0; i < count; i++) {
		if (sid_equal(&mapped[i].sid, sid))
			return &mapped[i].ids;
	}
	return NULL;
}

/* The Unix principals that @sid names; LocalSystem is not meant. */
static struct entries sid_entries(const struct reader *reader, const struct sid *sid)
{
	struct entries entries = {.count = 0};
	const struct posix_ids *ids;
	uid_t uid;
	gid_t gid;

	if (sid_is_domain(sid)) {
		ids = mapped_ids(reader->mapped, reader->mapped_count, sid);
		if (ids && ids->has_uid)
			entries_add(&entries, ENTRY_USER, ids->uid);
		if (ids && ids->has_gid)
			entries_add(&entries, ENTRY_GROUP, ids->gid);
	} else if (sid_equal(sid, &sid_system)) {
		return entries;
	} else if (sid_to_uid(sid, &uid)) {
		entries_add(&entries, ENTRY_USER, uid);
	} else if (sid_to_gid(sid, &gid)) {
		entries_add(&entries, ENTRY_GROUP, gid);
	}
	return entries;
}

static bool entry_equal(const struct entry_id *a, const struct entry_id *b)
{
	return a->kind == b->kind && a->id == b->id;
}

/* Has @entry a place in the ACL, of its own or as owner or owning group? */
static bool reader_has(const struct reader *reader, const struct entry_id *entry)
{
	if (entry->kind == ENTRY_USER && entry->id == reader->uid)
		return true;
	if (entry->kind == ENTRY_GROUP && entry->id == reader->gid)
		return true;
	for (size_t i = 0; i < reader->count; i++) {
		if (entry_equal(&reader->named[i], entry))
			return true;
	}
	return false;
}

/* Does an allow ACE for @sid reach every caller that @entry matches? */
static bool reader_allows(const struct reader *reader, const struct entry_id *entry,
			  const struct sid *sid)
{
	const struct descriptor *sd = reader->sd;
	struct entries named;

	if (sid_equal(sid, &sid_everyone))
		return true;
	if (entry->kind == ENTRY_OTHER)
		return false;
	if (sid_equal(sid, &sid_authenticated_users))
		return true;
	if (sid_equal(sid, &sid_owner_rights) && sd->has_owner)
		sid = &sd->owner;
	/* uid 0 is LocalSystem */
	if (entry->kind == ENTRY_USER && entry->id == 0 && sid_equal(sid, &sid_system))
		return true;
	named = sid_entries(reader, sid);
	for (size_t i = 0; i < named.count; i++) {
		if (entry_equal(&named.list[i], entry))
			return true;
	}
	return false;
}

/* May one that is @named be a caller that @entry matches? */
static bool entry_may_be(const struct reader *reader, const struct entry_id *entry,
			 const struct entry_id *named)
{
	if (entry->kind == ENTRY_USER)
		return named->kind == ENTRY_GROUP || named->id == entry->id;
	/* who has an entry that is matched before does not come here */
	if (named->kind == ENTRY_USER || entry->kind == ENTRY_OTHER)
		return !reader_has(reader, named);
	return true;
}

/* May a deny ACE for @sid reach a caller that @entry matches? */
static bool reader_denies(const struct reader *reader, const struct entry_id *entry,
			  const struct sid *sid)
{
	const struct entries named = sid_entries(reader, sid);

	for (size_t i = 0; i < named.count; i++) {
		if (entry_may_be(reader, entry, &named.list[i]))
			return true;
	}
	return named.count == 0;
}

/* The rights that every caller matched by @entry has. */
static uint32_t reader_rights(const struct reader *reader, const struct entry_id *entry)
{
	const struct acl *dacl = reader->sd->dacl;
	uint32_t granted = 0, denied = 0;

	if (!dacl)
		return FILE_ALL_ACCESS;
	for (size_t i = 0; i < dacl->count; i++) {
		const struct ace *ace = &dacl->aces[i];
		uint32_t mask = mask_map_generic(ace->mask);

		if (ace_surely_allows(ace) && reader_allows(reader, entry, &ace->sid))
			granted |= mask & ~denied;
		else if (ace_may_deny(ace) && reader_denies(reader, entry, &ace->sid))
			denied |= mask & ~granted;
	}
	return granted;
}

static unsigned int reader_perm(const struct reader *reader, enum entry_kind kind, id_t id)
{
	const struct entry_id entry = {kind, id};
	const uint32_t write =
		FILE_WRITE_DATA | FILE_APPEND_DATA | (reader->folder ? FILE_DELETE_CHILD : 0);
	uint32_t rights = reader_rights(reader, &entry);

	return (rights & FILE_READ_DATA ? PERM_READ : 0) |
	       ((rights & write) == write ? PERM_WRITE : 0) |
	       (rights & FILE_EXECUTE ? PERM_EXECUTE : 0);
}

static bool is_relevant(const struct reader *reader, const struct ace *ace)
{
	const uint32_t relevant = FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA |
				  FILE_EXECUTE | (reader->folder ? FILE_DELETE_CHILD : 0);

	return mask_map_generic(ace->mask) & relevant;
}

/* Gives whom an ACE names an entry of their own while there is room. */
static void reader_take(struct reader *reader, const struct ace *ace)
{
	struct entries named;

	if (!is_relevant(reader, ace))
		return;
	named = sid_entries(reader, &ace->sid);
	for (size_t i = 0; i < named.count; i++) {
		if (reader->count < NAMED_MAX && !reader_has(reader, &named.list[i]))
			reader->named[reader->count++] = named.list[i];
	}
}

/* Who is denied comes first: without a place they would narrow all others. */
static void reader_collect(struct reader *reader)
{
	const struct acl *dacl = reader->sd->dacl;

	for (size_t i = 0; dacl && i < dacl->count; i++) {
		if (ace_may_deny(&dacl->aces[i]))
			reader_take(reader, &dacl->aces[i]);
	}
	for (size_t i = 0; dacl && i < dacl->count; i++) {
		if (ace_surely_allows(&dacl->aces[i]))
			reader_take(reader, &dacl->aces[i]);
	}
}

static bool acl_put(acl_t *acl, acl_tag_t tag, const id_t *id, unsigned int perm)
{
	acl_entry_t entry;
	acl_permset_t set;

	return acl_create_entry(acl, &entry) == 0 && acl_set_tag_type(entry, tag) == 0 &&
	       (!id || acl_set_qualifier(entry, id) == 0) && acl_get_permset(entry, &set) == 0 &&
	       acl_clear_perms(set) == 0 &&
	       (!(perm & PERM_READ) || acl_add_perm(set, ACL_READ) == 0) &&
	       (!(perm & PERM_WRITE) || acl_add_perm(set, ACL_WRITE) == 0) &&
	       (!(perm & PERM_EXECUTE) || acl_add_perm(set, ACL_EXECUTE) == 0);
}

/* The extended ACL of @reader; its mask, the union of the classes it covers, replaces *@group. */
static enum sd_error reader_write(const struct reader *reader, unsigned int owner,
				  unsigned int *group, unsigned int other, acl_t *access)
{
	acl_t acl __attribute__((cleanup(posix_acl_freep))) = acl_init((int)reader->count + 4);
	unsigned int mask = *group;
	bool put;

	if (!acl)
		return SD_NO_MEMORY;
	put = acl_put(&acl, ACL_USER_OBJ, NULL, owner) &&
	      acl_put(&acl, ACL_GROUP_OBJ, NULL, *group) && acl_put(&acl, ACL_OTHER, NULL, other);
	for (size_t i = 0; put && i < reader->count; i++) {
		const struct entry_id *entry = &reader->named[i];
		unsigned int perm = reader_perm(reader, entry->kind, entry->id);

		put = acl_put(&acl, entry->kind == ENTRY_USER ? ACL_USER : ACL_GROUP, &entry->id,
			      perm);
		mask |= perm;
	}
	/*
	 * The kernel looks at no list whose mask is empty: whom an entry of its own denies
	 * would be "other".  So the mask is as wide then, though no entry is.
	 */
	if (!mask)
		mask = other;
	if (!put || !acl_put(&acl, ACL_MASK, NULL, mask))
		return SD_NO_MEMORY;
	if (acl_valid(acl) != 0)
		return SD_BAD_POSIX_ACL;
	*group = mask;
	*access = acl;
	acl = NULL;
	return SD_OK;
}

/* SIDs that were asked for. */
struct mapping {
	const struct posix_map *map; /* or NULL */
	struct mapped list[MAPPED_MAX];
	size_t count;
};

static void mapping_ask(struct mapping *mapping, const struct sid *sid)
{
	struct mapped *mapped = &mapping->list[mapping->count];

	if (!mapping->map || !sid_is_domain(sid) || mapping->count == MAPPED_MAX ||
	    mapped_ids(mapping->list, mapping->count, sid))
		return;
	mapped->sid = *sid;
	if (!mapping->map->ids(mapping->map->context, sid, &mapped->ids))
		mapped->ids = (struct posix_ids){0};
	mapping->count++;
}

/* The owner, who may be meant by OWNER RIGHTS, then who is denied, then who is allowed. */
static void mapping_fill(struct mapping *mapping, const struct reader *reader)
{
	const struct acl *dacl = reader->sd->dacl;

	if (reader->sd->has_owner)
		mapping_ask(mapping, &reader->sd->owner);
	for (size_t i = 0; dacl && i < dacl->count; i++) {
		if (ace_may_deny(&dacl->aces[i]) && is_relevant(reader, &dacl->aces[i]))
			mapping_ask(mapping, &dacl->aces[i].sid);
	}
	for (size_t i = 0; dacl && i < dacl->count; i++) {
		if (ace_surely_allows(&dacl->aces[i]) && is_relevant(reader, &dacl->aces[i]))
			mapping_ask(mapping, &dacl->aces[i].sid);
	}
}

enum sd_error posix_from_descriptor(const struct descriptor *sd, bool folder, uid_t uid, gid_t gid,
				    const struct posix_map *map, struct posix_acl *posix)
{
	struct mapping mapping = {.map = map};
	struct reader reader = {
		.sd = sd, .folder = folder, .uid = uid, .gid = gid, .mapped = mapping.list};
	unsigned int owner, group, other;
	acl_t access = NULL;

	mapping_fill(&mapping, &reader);
	reader.mapped_count = mapping.count;
	reader_collect(&reader);
	owner = reader_perm(&reader, ENTRY_USER, uid);
	group = reader_perm(&reader, ENTRY_GROUP, gid);
	other = reader_perm(&reader, ENTRY_OTHER, 0);
	if (reader.count) {
		enum sd_error error = reader_write(&reader, owner, &group, other, &access);

		if (error)
			return error;
	}
	posix->mode = (mode_t)(owner << 6 | group << 3 | other);
	posix->access = access;
	return SD_OK;
}

void posix_acl_clear(struct posix_acl *posix)
{
	if (posix->access)
		acl_free(posix->access);
	posix->access = NULL;
}
