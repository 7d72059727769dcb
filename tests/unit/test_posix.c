/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * POSIX modes and ACLs against descriptors: single rules, and random cases
 * judged by an evaluator of POSIX.1e of its own.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include <acl/libacl.h>
#include <sys/acl.h>

#include "acl/access.h"
#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/posix.h"
#include "acl/sddl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define READ 4u
#define WRITE 2u
#define EXECUTE 1u

#define FIRST_UID 1001u
#define FIRST_GID 2001u
#define IDS 4u
#define FILE_MODE(bits) ((mode_t)(S_IFREG | (bits)))
#define FOLDER_MODE(bits) ((mode_t)(S_IFDIR | (bits)))

/* Quicker than ck_assert(), which notes each place that it passes. */
static void must(bool holds)
{
	if (!holds)
		ck_abort();
}

/* ---- POSIX.1e ---- */

struct posix_entry {
	acl_tag_t tag;
	id_t id;
	unsigned int perm;
};

struct posix_object {
	uid_t uid;
	gid_t gid;
	size_t count;
	struct posix_entry entries[64];
};

struct caller {
	uid_t uid;
	gid_t gids[IDS];
	size_t gid_count;
};

static void object_add(struct posix_object *object, acl_tag_t tag, id_t id, unsigned int perm)
{
	must(object->count < COUNT(object->entries));
	object->entries[object->count++] = (struct posix_entry){tag, id, perm};
}

static void object_from_mode(struct posix_object *object, mode_t mode)
{
	object_add(object, ACL_USER_OBJ, 0, mode >> 6 & 7);
	object_add(object, ACL_GROUP_OBJ, 0, mode >> 3 & 7);
	object_add(object, ACL_OTHER, 0, mode & 7);
}

static void object_from_acl(struct posix_object *object, acl_t acl)
{
	acl_entry_t entry;
	int more;

	for (more = acl_get_entry(acl, ACL_FIRST_ENTRY, &entry); more == 1;
	     more = acl_get_entry(acl, ACL_NEXT_ENTRY, &entry)) {
		unsigned int perm = 0;
		acl_permset_t set;
		acl_tag_t tag;
		id_t *id = NULL;

		acl_get_tag_type(entry, &tag);
		acl_get_permset(entry, &set);
		perm |= acl_get_perm(set, ACL_READ) ? READ : 0;
		perm |= acl_get_perm(set, ACL_WRITE) ? WRITE : 0;
		perm |= acl_get_perm(set, ACL_EXECUTE) ? EXECUTE : 0;
		if (tag == ACL_USER || tag == ACL_GROUP)
			id = acl_get_qualifier(entry);
		object_add(object, tag, id ? *id : 0, perm);
		acl_free(id);
	}
}

static acl_t object_to_acl(const struct posix_object *object)
{
	acl_t acl = acl_init((int)object->count);

	for (size_t i = 0; i < object->count; i++) {
		const struct posix_entry *from = &object->entries[i];
		acl_permset_t set;
		acl_entry_t entry;

		must(acl_create_entry(&acl, &entry) == 0);
		acl_set_tag_type(entry, from->tag);
		if (from->tag == ACL_USER || from->tag == ACL_GROUP)
			acl_set_qualifier(entry, &from->id);
		acl_get_permset(entry, &set);
		acl_clear_perms(set);
		if (from->perm & READ)
			acl_add_perm(set, ACL_READ);
		if (from->perm & WRITE)
			acl_add_perm(set, ACL_WRITE);
		if (from->perm & EXECUTE)
			acl_add_perm(set, ACL_EXECUTE);
	}
	return acl;
}

static bool caller_in(const struct caller *caller, gid_t gid)
{
	for (size_t i = 0; i < caller->gid_count; i++) {
		if (caller->gids[i] == gid)
			return true;
	}
	return false;
}

static unsigned int object_perm(const struct posix_object *object, acl_tag_t tag, unsigned int none)
{
	for (size_t i = 0; i < object->count; i++) {
		if (object->entries[i].tag == tag)
			return object->entries[i].perm;
	}
	return none;
}

/* POSIX.1e draft 17, 23.1.5: are all of @wanted granted? */
static bool posix_grants(const struct posix_object *object, const struct caller *caller,
			 unsigned int wanted)
{
	unsigned int mask = object_perm(object, ACL_MASK, 7);
	bool in_group = false;

	if (caller->uid == object->uid)
		return (object_perm(object, ACL_USER_OBJ, 0) & wanted) == wanted;
	for (size_t i = 0; i < object->count; i++) {
		const struct posix_entry *entry = &object->entries[i];

		if (entry->tag == ACL_USER && entry->id == caller->uid)
			return (entry->perm & mask & wanted) == wanted;
	}
	for (size_t i = 0; i < object->count; i++) {
		const struct posix_entry *entry = &object->entries[i];
		gid_t gid = entry->tag == ACL_GROUP_OBJ ? object->gid : entry->id;

		if ((entry->tag != ACL_GROUP_OBJ && entry->tag != ACL_GROUP) ||
		    !caller_in(caller, gid))
			continue;
		in_group = true;
		if ((entry->perm & mask & wanted) == wanted)
			return true;
	}
	return !in_group && (object_perm(object, ACL_OTHER, 0) & wanted) == wanted;
}

/* What Linux makes of it: no list whose mask is empty is looked at, its group bits count as a
 * mode's. */
static bool linux_grants(const struct posix_object *object, const struct caller *caller,
			 unsigned int wanted)
{
	if (object_perm(object, ACL_MASK, 7) || caller->uid == object->uid)
		return posix_grants(object, caller, wanted);
	return !caller_in(caller, object->gid) &&
	       (object_perm(object, ACL_OTHER, 0) & wanted) == wanted;
}

/* ---- random cases ---- */

static uint64_t random_state;

static uint32_t random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) % limit);
}

static struct caller random_caller(void)
{
	/* one uid that no list names */
	struct caller caller = {.uid = FIRST_UID + random_below(IDS + 1)};

	for (gid_t i = 0; i < IDS; i++) {
		if (random_below(3) == 0)
			caller.gids[caller.gid_count++] = FIRST_GID + i;
	}
	return caller;
}

/* Users and groups of a domain: S-1-5-21-7-7-7-1000 and up, and ...-5000 and up. */
#define DOMAIN_UIDS 1000u
#define DOMAIN_GIDS 5000u

static struct sid domain_sid(uint32_t rid)
{
	return (struct sid){1, 5, {0, 0, 0, 0, 0, 5}, {21, 7, 7, 7, rid}};
}

/* Which of the four SIDs of a row cannot be told now; @asked counts. */
struct domain {
	unsigned int away, asked;
};

static bool domain_ids_of(void *context, const struct sid *sid, struct posix_ids *ids)
{
	struct domain *domain = context;
	uint32_t rid = sid->sub[4];

	domain->asked++;
	if (sid->sub[1] != 7 || (domain->away & 1u << rid % 4))
		return false;
	*ids = (struct posix_ids){.has_uid = rid < DOMAIN_GIDS, .has_gid = rid >= DOMAIN_GIDS};
	ids->uid = rid - DOMAIN_UIDS;
	ids->gid = rid - DOMAIN_GIDS;
	/* one that is both */
	if (rid == 9999)
		*ids = (struct posix_ids){true, true, 5, 6};
	return true;
}

static struct token *caller_token(const struct caller *caller)
{
	struct sid sid = sid_from_uid(caller->uid);
	struct token *token = token_create(&sid);

	must(token != NULL);
	sid = domain_sid(DOMAIN_UIDS + caller->uid);
	must(token_add_group(token, &sid, SE_GROUP_ENABLED) == 0);
	for (size_t i = 0; i < caller->gid_count; i++) {
		sid = domain_sid(DOMAIN_GIDS + caller->gids[i]);
		must(token_add_group(token, &sid, SE_GROUP_ENABLED) == 0);
		sid = sid_from_gid(caller->gids[i]);
		must(token_add_group(token, &sid, SE_GROUP_ENABLED) == 0);
		if (i == 0)
			must(token_set_primary_group(token, &sid) == 0);
	}
	must(token_add_group(token, &sid_everyone, SE_GROUP_ENABLED) == 0);
	must(token_add_group(token, &sid_authenticated_users, SE_GROUP_ENABLED) == 0);
	return token;
}

static struct sid random_sid(void)
{
	const struct sid *const known[] = {
		&sid_everyone,       &sid_everyone, &sid_authenticated_users, &sid_owner_rights,
		&sid_administrators, &sid_system,   &sid_creator_owner,       &sid_anonymous,
	};

	uid_t uid = FIRST_UID + random_below(IDS);
	gid_t gid = FIRST_GID + random_below(IDS);

	switch (random_below(6)) {
	case 0:
		return sid_from_uid(uid);
	case 1:
		return sid_from_gid(gid);
	case 2:
		return domain_sid(DOMAIN_UIDS + uid);
	case 3:
		return domain_sid(DOMAIN_GIDS + gid);
	default:
		return *known[random_below(COUNT(known))];
	}
}

static uint32_t random_mask(void)
{
	static const uint32_t known[] = {
		FILE_ALL_ACCESS,      FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE,
		FILE_MODIFY,          FILE_READ_DATA,    FILE_EXECUTE,       GENERIC_READ,
		GENERIC_ALL,          FILE_WRITE_DATA,   FILE_APPEND_DATA,   FILE_DELETE_CHILD,
		FILE_READ_ATTRIBUTES, READ_CONTROL,
	};

	if (random_below(3) == 0)
		return random_below(FILE_ALL_ACCESS + 1) & FILE_ALL_ACCESS;
	return known[random_below(COUNT(known))];
}

static uint8_t random_type(void)
{
	static const uint8_t odd[] = {
		ACCESS_ALLOWED_CALLBACK_ACE_TYPE,
		ACCESS_DENIED_CALLBACK_ACE_TYPE,
		ACCESS_ALLOWED_OBJECT_ACE_TYPE,
		ACCESS_DENIED_OBJECT_ACE_TYPE,
		SYSTEM_AUDIT_ACE_TYPE,
	};

	if (random_below(12) == 0)
		return odd[random_below(COUNT(odd))];
	return random_below(3) ? ACCESS_ALLOWED_ACE_TYPE : ACCESS_DENIED_ACE_TYPE;
}

static void append(struct acl *acl, uint8_t type, uint8_t flags, uint32_t mask, struct sid sid)
{
	struct ace ace = ace_make(type, flags, mask, &sid);

	must(acl_append(acl, &ace) == SD_OK);
}

static struct descriptor *random_descriptor(void)
{
	struct descriptor *sd = descriptor_create();
	size_t count = random_below(8);

	must(sd != NULL);
	sd->has_owner = random_below(20) != 0;
	if (sd->has_owner)
		sd->owner = random_sid();
	if (random_below(100) == 0)
		return sd;
	descriptor_set_dacl(sd, acl_create());
	for (size_t i = 0; i < count; i++)
		append(sd->dacl, random_type(),
		       random_below(10) ? 0 : OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, random_mask(),
		       random_sid());
	/* at times more users than an ACL has room for */
	for (uid_t i = 0; random_below(40) == 0 && i < 30; i++)
		append(sd->dacl, random_below(2) ? ACCESS_DENIED_ACE_TYPE : ACCESS_ALLOWED_ACE_TYPE,
		       0, random_mask(), sid_from_uid(FIRST_UID + 29 - i));
	if (random_below(40) == 0)
		append(sd->dacl, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, sid_everyone);
	return sd;
}

/* A random list; @acl tells whether it is more than a mode. */
static void random_object(struct posix_object *object, bool *acl)
{
	unsigned int users = random_below(16), groups = random_below(16);

	object->uid = FIRST_UID + random_below(IDS);
	object->gid = FIRST_GID + random_below(IDS);
	object->count = 0;
	object_from_mode(object, (mode_t)random_below(01000));
	*acl = random_below(3) != 0;
	if (!*acl)
		return;
	for (unsigned int i = 0; i < IDS; i++) {
		if (users >> i & 1)
			object_add(object, ACL_USER, FIRST_UID + i, random_below(8));
		if (groups >> i & 1)
			object_add(object, ACL_GROUP, FIRST_GID + i, random_below(8));
	}
	object_add(object, ACL_MASK, 0, random_below(3) ? 7 : random_below(8));
}

static mode_t object_mode(const struct posix_object *object)
{
	return (mode_t)(object_perm(object, ACL_USER_OBJ, 0) << 6 |
			object_perm(object, ACL_GROUP_OBJ, 0) << 3 |
			object_perm(object, ACL_OTHER, 0));
}

static struct descriptor *object_to_descriptor(const struct posix_object *object, mode_t type,
					       bool with_acl, acl_t inherit)
{
	acl_t acl = with_acl ? object_to_acl(object) : NULL;
	struct descriptor *sd = NULL;

	must(posix_to_descriptor(type | object_mode(object), object->uid, object->gid, acl, inherit,
				 &sd) == SD_OK);
	acl_free(acl);
	return sd;
}

static bool sd_grants(const struct descriptor *sd, const struct token *token, uint32_t wanted)
{
	return access_check(sd, token, wanted, 0).status == ACCESS_OK;
}

/* The file rights that POSIX gives @caller, and those that any object's owner and everyone have. */
static uint32_t posix_rights(const struct posix_object *object, const struct caller *caller,
			     mode_t type)
{
	bool folder = S_ISDIR(type);
	bool owner = caller->uid == object->uid;
	uint32_t rights = READ_CONTROL | SYNCHRONIZE | FILE_READ_ATTRIBUTES;

	if (owner)
		rights |= FILE_WRITE_ATTRIBUTES | WRITE_DAC | WRITE_OWNER;
	if (posix_grants(object, caller, READ))
		rights |= FILE_READ_DATA | FILE_READ_EA;
	if (posix_grants(object, caller, EXECUTE))
		rights |= FILE_EXECUTE;
	if (!posix_grants(object, caller, folder ? WRITE | EXECUTE : WRITE))
		return rights;
	rights |= FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA;
	if (folder && (!(type & S_ISVTX) || owner))
		rights |= FILE_DELETE_CHILD;
	return rights;
}

/* Deleting children of a file is of no meaning and not compared. */
static void must_agree(const struct descriptor *sd, const struct posix_object *object,
		       const struct caller *caller, mode_t type)
{
	struct token *token = caller_token(caller);
	uint32_t compared = FILE_ALL_ACCESS & ~(S_ISDIR(type) ? 0 : FILE_DELETE_CHILD);
	uint32_t expected = posix_rights(object, caller, type), single = 0;

	for (uint32_t bit = 1; bit <= SYNCHRONIZE; bit <<= 1) {
		if ((bit & compared) && sd_grants(sd, token, bit))
			single |= bit;
	}
	if (single != expected)
		ck_abort_msg("expected 0x%x, came 0x%x", expected, single);
	token_unref(token);
}

START_TEST(a_posix_list_and_its_descriptor_agree)
{
	static const mode_t types[] = {S_IFREG, S_IFDIR, S_IFDIR | S_ISVTX};

	random_state = 0x9e3779b97f4a7c15u;
	for (int i = 0; i < 20000; i++) {
		mode_t type = types[random_below(COUNT(types))];
		struct posix_object object;
		struct descriptor *sd;
		bool with_acl;

		random_object(&object, &with_acl);
		sd = object_to_descriptor(&object, type, with_acl, NULL);
		for (int j = 0; j < 4; j++) {
			struct caller caller = random_caller();

			must_agree(sd, &object, &caller, type);
		}
		descriptor_destroy(sd);
	}
}
END_TEST

START_TEST(a_default_acl_gives_children_what_posix_gives_them)
{
	random_state = 0x2545f4914f6cdd1du;
	for (int i = 0; i < 5000; i++) {
		struct posix_object parent = {0}, child;
		struct descriptor *sd, *made = NULL;
		bool with_acl, folder = random_below(2);
		struct caller creator = {0}, caller = random_caller();
		struct token *token;
		acl_t acl;

		random_object(&child, &with_acl);
		object_from_mode(&parent, 0755);
		acl = object_to_acl(&child);
		sd = object_to_descriptor(&parent, S_IFDIR, false, acl);
		creator.uid = child.uid;
		creator.gids[creator.gid_count++] = child.gid;
		token = caller_token(&creator);
		must(inherit_create(sd, NULL, folder, token, &made) == SD_OK);
		must_agree(made, &child, &caller, folder ? S_IFDIR : S_IFREG);
		must_agree(made, &child, &creator, folder ? S_IFDIR : S_IFREG);
		token_unref(token);
		descriptor_destroy(sd);
		descriptor_destroy(made);
		acl_free(acl);
	}
}
END_TEST

static uint32_t wish(unsigned int perm, bool folder)
{
	return (perm & READ ? FILE_READ_DATA : 0) | (perm & EXECUTE ? FILE_EXECUTE : 0) |
	       (perm & WRITE ? FILE_WRITE_DATA | FILE_APPEND_DATA : 0) |
	       (perm & WRITE && folder ? FILE_DELETE_CHILD : 0);
}

static void object_from_descriptor(struct posix_object *object, const struct descriptor *sd,
				   bool folder)
{
	struct domain domain = {.away = random_below(2) ? 0 : random_below(16)};
	const struct posix_map map = {domain_ids_of, &domain};
	struct posix_acl posix;

	must(posix_from_descriptor(sd, folder, object->uid, object->gid, &map, &posix) == SD_OK);
	object->count = 0;
	if (posix.access) {
		must(acl_valid(posix.access) == 0);
		object_from_acl(object, posix.access);
		ck_assert_uint_eq(object_perm(object, ACL_MASK, 8), posix.mode >> 3 & 7u);
		ck_assert_uint_le(object->count, 25 + 4);
	} else {
		object_from_mode(object, posix.mode);
	}
	ck_assert_uint_eq(posix.mode & ~0777u, 0);
	posix_acl_clear(&posix);
}

START_TEST(the_posix_list_of_a_descriptor_never_grants_more)
{
	unsigned int useful = 0, wider = 0;

	random_state = 0xdeadbeefcafef00du;
	for (int i = 0; i < 20000; i++) {
		struct posix_object object = {.uid = FIRST_UID + random_below(IDS),
					      .gid = FIRST_GID + random_below(IDS)};
		struct descriptor *sd = random_descriptor();
		bool folder = random_below(2);

		object_from_descriptor(&object, sd, folder);
		for (int j = 0; j < 6; j++) {
			struct caller caller = random_caller();
			struct token *token = caller_token(&caller);

			for (unsigned int perm = 1; perm < 8; perm++) {
				if (!linux_grants(&object, &caller, perm))
					continue;
				useful++;
				wider += !sd_grants(sd, token, wish(perm, folder));
			}
			token_unref(token);
		}
		descriptor_destroy(sd);
	}
	ck_assert_uint_eq(wider, 0);
	/* always refusing would be sound too */
	ck_assert_uint_gt(useful, 20000);
}
END_TEST

START_TEST(a_posix_list_survives_the_way_there_and_back)
{
	random_state = 0x123456789abcdefu;
	for (int i = 0; i < 5000; i++) {
		mode_t type = random_below(2) ? S_IFDIR : S_IFREG;
		bool with_acl;
		struct posix_object before, after;
		struct descriptor *sd;

		random_object(&before, &with_acl);
		after = before;
		sd = object_to_descriptor(&before, type, with_acl, NULL);
		object_from_descriptor(&after, sd, S_ISDIR(type));
		for (int j = 0; j < 8; j++) {
			struct caller caller = random_caller();

			ck_assert_uint_eq(posix_rights(&after, &caller, type),
					  posix_rights(&before, &caller, type));
		}
		descriptor_destroy(sd);
	}
}
END_TEST

/* ---- single rules ---- */

static struct descriptor *descriptor_of(const char *sddl)
{
	struct descriptor *sd = NULL;

	ck_assert_msg(sddl_read(sddl, NULL, &sd, NULL) == SD_OK, "cannot read %s", sddl);
	return sd;
}

/* Is @sd the same as @sddl?  Frees @sd. */
static void expect(struct descriptor *sd, const char *sddl)
{
	struct descriptor *expected = descriptor_of(sddl);
	char *text = NULL;

	sddl_write(sd, NULL, &text);
	ck_assert_msg(descriptor_equal(sd, expected), "expected %s, came %s", sddl, text);
	free(text);
	descriptor_destroy(expected);
	descriptor_destroy(sd);
}

static struct descriptor *of_mode(mode_t mode)
{
	struct descriptor *sd = NULL;

	ck_assert_int_eq(posix_to_descriptor(mode, 1, 2, NULL, NULL, &sd), SD_OK);
	return sd;
}

#define HEAD "O:S-1-22-1-1G:S-1-22-2-2D:"

START_TEST(a_common_mode_gives_a_short_dacl)
{
	expect(of_mode(FILE_MODE(0644)),
	       HEAD "(A;;0xc011f;;;S-1-22-1-1)(A;;0x9;;;S-1-22-2-2)(A;;0x120089;;;WD)");
	expect(of_mode(FILE_MODE(0600)), HEAD "(A;;0xc011f;;;S-1-22-1-1)(A;;0x120080;;;WD)");
	expect(of_mode(FOLDER_MODE(0755)),
	       HEAD "(A;;0xc017f;;;S-1-22-1-1)(A;;0x29;;;S-1-22-2-2)(A;;0x1200a9;;;WD)");
}
END_TEST

START_TEST(classes_that_others_exceed_are_denied)
{
	expect(of_mode(FILE_MODE(0046)),
	       HEAD "(A;;0xc0100;;;S-1-22-1-1)(D;;0x1f;;;S-1-22-1-1)(A;;0x9;;;S-1-22-2-2)"
		    "(D;;0x16;;;S-1-22-2-2)(A;;0x12009f;;;WD)");
}
END_TEST

START_TEST(a_sticky_folder_lets_its_owner_alone_delete)
{
	expect(of_mode(FOLDER_MODE(S_ISVTX | 0777)),
	       HEAD "(A;;0xc017f;;;S-1-22-1-1)(A;;0x3f;;;S-1-22-2-2)(A;;0x1200bf;;;WD)");
}
END_TEST

START_TEST(a_folder_is_written_only_with_search)
{
	expect(of_mode(FOLDER_MODE(0662)),
	       HEAD "(A;;0xc0109;;;S-1-22-1-1)(A;;0x9;;;S-1-22-2-2)(A;;0x120080;;;WD)");
}
END_TEST

START_TEST(an_invalid_list_is_refused)
{
	struct posix_object object = {0};
	struct descriptor *sd = NULL;
	acl_t acl;

	object_add(&object, ACL_USER_OBJ, 0, 7);
	acl = object_to_acl(&object);
	ck_assert_int_eq(posix_to_descriptor(FILE_MODE(0700), 1, 2, acl, NULL, &sd),
			 SD_BAD_POSIX_ACL);
	ck_assert_int_eq(posix_to_descriptor(FOLDER_MODE(0700), 1, 2, NULL, acl, &sd),
			 SD_BAD_POSIX_ACL);
	ck_assert_ptr_null(sd);
	acl_free(acl);
}
END_TEST

/* The mode and ACL of @sddl for user 1 and group 2, as getfacl writes them. */
static void posix_mapped_is(const char *sddl, bool folder, const struct posix_map *map, mode_t mode,
			    const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct posix_acl posix;
	char *text;

	ck_assert_int_eq(posix_from_descriptor(sd, folder, 1, 2, map, &posix), SD_OK);
	ck_assert_msg(posix.mode == mode, "%s: expected %o, came %o", sddl, mode, posix.mode);
	text = posix.access ? acl_to_any_text(posix.access, NULL, ',', TEXT_NUMERIC_IDS) : NULL;
	if (expected)
		ck_assert_str_eq(text ? text : "", expected);
	else
		ck_assert_ptr_null(text);
	acl_free(text);
	posix_acl_clear(&posix);
	ck_assert_ptr_null(posix.access);
	descriptor_destroy(sd);
}

static void posix_is(const char *sddl, bool folder, mode_t mode, const char *expected)
{
	posix_mapped_is(sddl, folder, NULL, mode, expected);
}

#define D7 "S-1-5-21-7-7-7-"

START_TEST(people_of_a_domain_are_the_ids_that_they_have)
{
	struct domain domain = {0};
	const struct posix_map map = {domain_ids_of, &domain};

	posix_mapped_is("D:(A;;FA;;;" D7 "1001)(A;;FR;;;" D7 "1005)(A;;FX;;;" D7 "5006)", false,
			&map, 0750,
			"user::rwx,user:5:r--,group::---,group:6:--x,mask::r-x,other::---");
	posix_mapped_is("O:" D7 "1001D:(A;;FA;;;OW)(A;;FR;;;" D7 "5002)", false, &map, 0740, NULL);
	/* the same by either SID */
	posix_mapped_is("D:(A;;FR;;;" D7 "1005)(A;;FX;;;S-1-22-1-5)", false, &map, 0050,
			"user::---,user:5:r-x,group::---,mask::r-x,other::---");
	posix_mapped_is("D:(D;;FW;;;" D7 "1005)(A;;FA;;;WD)", false, &map, 0777,
			"user::rwx,user:5:r-x,group::rwx,mask::rwx,other::rwx");
	posix_mapped_is("D:(A;;FR;;;" D7 "9999)", false, &map, 0040,
			"user::---,user:5:r--,group::---,group:6:r--,mask::r--,other::---");
	/* well-known SIDs are not asked for */
	domain.asked = 0;
	posix_mapped_is("O:SYD:(A;;FR;;;WD)(A;;FA;;;BA)(D;;FX;;;S-1-22-1-5)", false, &map, 0444,
			"user::r--,user:5:r--,group::r--,mask::r--,other::r--");
	ck_assert_uint_eq(domain.asked, 0);
}
END_TEST

START_TEST(who_cannot_be_told_is_left_out_or_could_be_anybody)
{
	struct domain domain = {.away = 15};
	const struct posix_map map = {domain_ids_of, &domain};

	posix_mapped_is("D:(A;;FA;;;" D7 "1005)(A;;FR;;;S-1-22-1-1)", false, &map, 0400, NULL);
	posix_mapped_is("O:" D7 "1001D:(A;;FA;;;OW)", false, &map, 0, NULL);
	posix_mapped_is("D:(D;;FW;;;" D7 "1005)(A;;FA;;;WD)", false, &map, 0555, NULL);
}
END_TEST

START_TEST(no_more_sids_are_asked_for_than_need_be)
{
	struct domain domain = {0};
	const struct posix_map map = {domain_ids_of, &domain};
	struct descriptor *sd = descriptor_of("D:");
	struct posix_acl posix;

	for (uint32_t i = 0; i < 800; i++) {
		append(sd->dacl, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_READ_DATA, domain_sid(2000 + i));
		append(sd->dacl, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_READ_DATA, domain_sid(1005));
	}
	append(sd->dacl, ACCESS_DENIED_ACE_TYPE, 0, FILE_EXECUTE, domain_sid(1007));
	append(sd->dacl, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_EXECUTE, sid_everyone);
	ck_assert_int_eq(posix_from_descriptor(sd, false, 1, 2, &map, &posix), SD_OK);
	ck_assert_uint_eq(domain.asked, 64);
	/* whom is denied was among them, or nobody could execute it */
	ck_assert_uint_eq(posix.mode & 0111, 0111);
	posix_acl_clear(&posix);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(the_nearest_mode)
{
	posix_is("O:S-1-22-1-1", false, 0777, NULL);
	posix_is("O:S-1-22-1-1D:", false, 0, NULL);
	posix_is("D:(A;;FA;;;S-1-22-1-1)(A;;FR;;;AU)", false, 0740, NULL);
	posix_is("D:(A;;FR;;;WD)(A;;FW;;;S-1-22-2-2)", false, 0464, NULL);
	posix_is("O:S-1-22-1-1D:(A;;FA;;;OW)", false, 0700, NULL);
	posix_is("O:S-1-22-1-9D:(A;;FA;;;OW)", false, 0, NULL);
	posix_is("D:(A;OICIIO;FA;;;WD)", false, 0, NULL);
	posix_is("D:(A;;DC;;;WD)", false, 0, NULL);
	posix_is("D:(A;;DCLC;;;WD)", false, 0222, NULL);
	posix_is("D:(A;;DCLC;;;WD)", true, 0, NULL);
	posix_is("D:(A;;DCLCDT;;;WD)", true, 0222, NULL);
	posix_is("D:(A;;FA;;;S-1-5-21-1-2-3-1000)", false, 0, NULL);
	posix_is("D:(D;;CC;;;S-1-5-21-1-2-3-1000)(A;;FA;;;WD)", false, 0333, NULL);
}
END_TEST

START_TEST(whom_aces_name_gets_an_entry)
{
	posix_is("D:(A;;FA;;;S-1-22-1-1)(A;;FR;;;S-1-22-1-5)(A;;FX;;;S-1-22-2-6)", false, 0750,
		 "user::rwx,user:5:r--,group::---,group:6:--x,mask::r-x,other::---");
	posix_is("D:(D;;FW;;;S-1-22-1-5)(A;;FA;;;WD)", false, 0777,
		 "user::rwx,user:5:r-x,group::rwx,mask::rwx,other::rwx");
	posix_is("D:(D;;FW;;;S-1-22-2-6)(A;;FA;;;WD)", false, 0557,
		 "user::r-x,group::r-x,group:6:r-x,mask::r-x,other::rwx");
}
END_TEST

START_TEST(whom_there_is_no_room_for_narrows_the_rest)
{
	struct descriptor *sd = descriptor_of("D:");
	struct posix_acl posix;

	for (uid_t i = 0; i < 30; i++)
		append(sd->dacl, ACCESS_DENIED_ACE_TYPE, 0, FILE_EXECUTE, sid_from_uid(100 + i));
	append(sd->dacl, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, sid_everyone);
	ck_assert_int_eq(posix_from_descriptor(sd, false, 1, 2, NULL, &posix), SD_OK);
	ck_assert_uint_eq(posix.mode, 0766);
	ck_assert_int_eq(acl_entries(posix.access), 25 + 4);
	posix_acl_clear(&posix);
	descriptor_destroy(sd);
}
END_TEST

static void narrows(const char *sddl, mode_t mode, bool folder, const char *expected)
{
	struct descriptor *sd = descriptor_of(sddl);
	struct descriptor *narrowed = NULL;

	ck_assert_int_eq(posix_narrow(sd, mode, folder, &narrowed), SD_OK);
	expect(narrowed, expected);
	descriptor_destroy(sd);
}

START_TEST(each_class_is_narrowed_by_its_bits)
{
	const char *sddl = "O:S-1-22-1-1D:(A;;FA;;;S-1-22-1-1)(A;;FA;;;S-1-22-2-2)(A;;FA;;;WD)";

	narrows(sddl, 0777, false, sddl);
	narrows(sddl, 0640, false,
		"O:S-1-22-1-1D:(A;;0x1f01df;;;S-1-22-1-1)(A;;0x120089;;;S-1-22-2-2)");
	narrows(sddl, 0666, false,
		"O:S-1-22-1-1D:(A;;0x1f01df;;;S-1-22-1-1)(A;;0x1f01df;;;S-1-22-2-2)"
		"(A;;0x1f01df;;;WD)");
	narrows(sddl, 0755, true,
		"O:S-1-22-1-1D:(A;;FA;;;S-1-22-1-1)(A;;0x1200a9;;;S-1-22-2-2)(A;;0x1200a9;;;WD)");
	narrows(sddl, 0500, true, "O:S-1-22-1-1D:(A;;0x1f01a9;;;S-1-22-1-1)");
	narrows("O:S-1-22-1-1D:(A;;FR;;;S-1-22-1-1)", 0700, false,
		"O:S-1-22-1-1D:(A;;FR;;;S-1-22-1-1)");
	narrows("D:(A;;FA;;;AU)(A;;FR;;;S-1-22-1-5)", 0704, false, "D:(A;;FR;;;AU)");
}
END_TEST

START_TEST(a_mode_is_the_objects_own_but_privacy_goes_on)
{
	/* what is narrowed here is handed on as it was */
	narrows("D:(A;OICI;FA;;;S-1-22-2-2)", 0750, true,
		"D:(A;;0x1200a9;;;S-1-22-2-2)(A;OICIIO;FA;;;S-1-22-2-2)");
	narrows("D:(A;OICI;FW;;;S-1-22-2-2)", 0750, true,
		"D:(A;;0x120000;;;S-1-22-2-2)(A;OICIIO;FW;;;S-1-22-2-2)");
	/* a class without any bit hands on nothing */
	narrows("O:S-1-22-1-1D:(A;OICI;FA;;;S-1-22-1-1)(A;OICI;FR;;;S-1-22-2-2)(A;OICIIO;GR;;;WD)",
		0700, true, "O:S-1-22-1-1D:(A;OICI;FA;;;S-1-22-1-1)");
	narrows("D:(A;OICIIO;GA;;;CG)", 0705, true, "D:");
	/* the sticky bit leaves deleting what is in a folder to its owner */
	narrows("O:S-1-22-1-1D:(A;;FA;;;S-1-22-1-1)(A;;FA;;;WD)", 01777, true,
		"O:S-1-22-1-1D:(A;;FA;;;S-1-22-1-1)(A;;0x1f01bf;;;WD)");
}
END_TEST

START_TEST(the_mask_leaves_these_alone)
{
	narrows("O:S-1-22-1-1D:(A;;FA;;;SY)(A;;FA;;;BA)", 0, false,
		"O:S-1-22-1-1D:(A;;FA;;;SY)(A;;FA;;;BA)");
	narrows("D:(D;;FA;;;S-1-22-1-5)(A;OICIIO;GA;;;CO)", 0, false,
		"D:(D;;FA;;;S-1-22-1-5)(A;OICIIO;GA;;;CO)");
	narrows("D:PAI(D;ID;GW;;;WD)", 0, false, "D:PAI(D;ID;GW;;;WD)");
}
END_TEST

START_TEST(object_and_conditional_aces_are_narrowed_alike)
{
	struct descriptor *sd = descriptor_of("D:"), *narrowed = NULL;

	append(sd->dacl, ACCESS_ALLOWED_CALLBACK_ACE_TYPE, 0, FILE_ALL_ACCESS, sid_everyone);
	append(sd->dacl, ACCESS_ALLOWED_OBJECT_ACE_TYPE, 0, FILE_ALL_ACCESS, sid_everyone);
	append(sd->dacl, SYSTEM_AUDIT_ACE_TYPE, 0, FILE_ALL_ACCESS, sid_everyone);
	ck_assert_int_eq(posix_narrow(sd, 0774, false, &narrowed), SD_OK);
	ck_assert_uint_eq(narrowed->dacl->count, 3);
	ck_assert_uint_eq(narrowed->dacl->aces[0].mask, FILE_GENERIC_READ);
	ck_assert_uint_eq(narrowed->dacl->aces[1].mask, FILE_GENERIC_READ);
	ck_assert_uint_eq(narrowed->dacl->aces[2].mask, FILE_ALL_ACCESS);
	descriptor_destroy(sd);
	descriptor_destroy(narrowed);
}
END_TEST

START_TEST(the_owner_keeps_what_it_had_as_one_of_everyone)
{
	narrows("O:S-1-22-1-1D:(A;;FA;;;WD)", 0600, false,
		"O:S-1-22-1-1D:(A;;0x1f01df;;;S-1-22-1-1)");
	narrows("O:S-1-22-1-1D:(D;;FW;;;S-1-22-2-7)(A;;GA;;;WD)", 0700, false,
		"O:S-1-22-1-1D:(D;;FW;;;S-1-22-2-7)(A;;FA;;;S-1-22-1-1)");
	narrows("O:S-1-22-1-1D:(A;;FR;;;AU)(D;;FW;;;S-1-22-2-7)(A;;FA;;;WD)", 0700, false,
		"O:S-1-22-1-1D:(A;;0x1f00e9;;;S-1-22-1-1)(D;;FW;;;S-1-22-2-7)");
	narrows("O:S-1-22-1-1", 0604, false,
		"O:S-1-22-1-1D:(A;;0x1f01df;;;S-1-22-1-1)(A;;0x120089;;;WD)");
	narrows("O:S-1-22-1-1D:(A;;FA;;;S-1-22-2-7)", 0700, false, "O:S-1-22-1-1D:");
	narrows("D:(A;;FA;;;WD)", 0700, false, "D:");
	narrows("O:WDD:(A;;FA;;;WD)", 0704, false, "O:WDD:(A;;FR;;;WD)");
}
END_TEST

START_TEST(the_owner_keeps_its_place_where_what_stood_before_it_goes)
{
	narrows("O:S-1-22-1-1D:(A;OICIIO;FA;;;S-1-22-2-7)(A;;FA;;;WD)", 0700, true,
		"O:S-1-22-1-1D:(A;;FA;;;S-1-22-1-1)");
	narrows("O:S-1-22-1-1D:(A;OICIIO;FA;;;S-1-22-2-7)(D;;FX;;;S-1-22-2-8)(A;;FA;;;WD)"
		"(D;;FW;;;S-1-22-2-9)",
		0700, true,
		"O:S-1-22-1-1D:(D;;FX;;;S-1-22-2-8)(A;;FA;;;S-1-22-1-1)"
		"(D;;FW;;;S-1-22-2-9)");
}
END_TEST

START_TEST(an_emptied_owner_rights_ace_still_withholds)
{
	struct descriptor *sd = descriptor_of("O:S-1-22-1-1D:(A;;CC;;;OW)"), *narrowed = NULL;

	ck_assert_int_eq(posix_narrow(sd, 0077, false, &narrowed), SD_OK);
	ck_assert_uint_eq(narrowed->dacl->count, 1);
	ck_assert_uint_eq(narrowed->dacl->aces[0].mask, 0);
	descriptor_destroy(sd);
	descriptor_destroy(narrowed);
}
END_TEST

START_TEST(narrowing_never_adds)
{
	random_state = 0xfeedfacedeadc0deu;
	for (int i = 0; i < 20000; i++) {
		struct descriptor *sd = random_descriptor(), *narrowed = NULL;
		mode_t mode = (mode_t)random_below(01000);

		ck_assert_int_eq(posix_narrow(sd, mode, random_below(2), &narrowed), SD_OK);
		for (int j = 0; j < 4; j++) {
			struct caller caller = random_caller();
			struct token *token = caller_token(&caller);
			uint32_t before = access_check(sd, token, MAXIMUM_ALLOWED, 0).granted;
			uint32_t after = access_check(narrowed, token, MAXIMUM_ALLOWED, 0).granted;

			must(!(after & ~before));
			token_unref(token);
		}
		descriptor_destroy(sd);
		descriptor_destroy(narrowed);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("posix");
	TCase *tcase = tcase_create("posix");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_posix_list_and_its_descriptor_agree);
	tcase_add_test(tcase, a_default_acl_gives_children_what_posix_gives_them);
	tcase_add_test(tcase, the_posix_list_of_a_descriptor_never_grants_more);
	tcase_add_test(tcase, a_posix_list_survives_the_way_there_and_back);
	tcase_add_test(tcase, a_common_mode_gives_a_short_dacl);
	tcase_add_test(tcase, classes_that_others_exceed_are_denied);
	tcase_add_test(tcase, a_sticky_folder_lets_its_owner_alone_delete);
	tcase_add_test(tcase, a_folder_is_written_only_with_search);
	tcase_add_test(tcase, an_invalid_list_is_refused);
	tcase_add_test(tcase, the_nearest_mode);
	tcase_add_test(tcase, people_of_a_domain_are_the_ids_that_they_have);
	tcase_add_test(tcase, who_cannot_be_told_is_left_out_or_could_be_anybody);
	tcase_add_test(tcase, no_more_sids_are_asked_for_than_need_be);
	tcase_add_test(tcase, whom_aces_name_gets_an_entry);
	tcase_add_test(tcase, whom_there_is_no_room_for_narrows_the_rest);
	tcase_add_test(tcase, each_class_is_narrowed_by_its_bits);
	tcase_add_test(tcase, a_mode_is_the_objects_own_but_privacy_goes_on);
	tcase_add_test(tcase, the_mask_leaves_these_alone);
	tcase_add_test(tcase, object_and_conditional_aces_are_narrowed_alike);
	tcase_add_test(tcase, the_owner_keeps_what_it_had_as_one_of_everyone);
	tcase_add_test(tcase, the_owner_keeps_its_place_where_what_stood_before_it_goes);
	tcase_add_test(tcase, an_emptied_owner_rights_ace_still_withholds);
	tcase_add_test(tcase, narrowing_never_adds);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
