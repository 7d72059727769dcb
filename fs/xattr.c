/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extended attributes: the caller's own, and guisefs' view of descriptors and
 * identities.  security.* and trusted.* are not reachable through the mount.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "acl/ntacl.h"
#include "acl/sddl.h"
#include "fs/audit.h"
#include "fs/build.h"
#include "fs/context.h"
#include "fs/front.h"
#include "fs/guard.h"
#include "fs/identity.h"
#include "fs/interned.h"
#include "fs/kernel_cache.h"
#include "fs/node.h"
#include "fs/options.h"
#include "fs/policy.h"
#include "fs/store/store.h"

/* One attribute of guisefs' own. */
struct special {
	const char *name;
	bool prefix;   /* the rest of the name is an argument */
	bool identify; /* level identify suffices to read it */
	int (*get)(struct operation *op, struct node *node, const char *argument);
	int (*set)(struct operation *op, struct node *node, const char *value, size_t size);
	bool removable; /* by setting nothing; it need not be there to be made */
};

#define PARTS_NTSD (PART_OWNER | PART_GROUP | PART_DACL)

/* The SACL is left out where it is not among @parts or the caller may not read it. */
static int get_descriptor(struct operation *op, struct node *node, unsigned int parts,
			  struct descriptor **sd)
{
	INTERNED now = NULL;
	int err = guard_read_descriptor(op, node, &parts);

	if (err == 0)
		err = op->session->store->ops->get_descriptor(op, node, &now);
	if (err == 0 && !(*sd = descriptor_copy(interned_descriptor(now))))
		err = -ENOMEM;
	if (err == 0)
		descriptor_keep(*sd, parts | ~PART_SACL);
	return err;
}

static int get_sddl(struct operation *op, struct node *node, const char *argument)
{
	enum sd_error error;
	int err = get_descriptor(op, node, PART_ALL, &op->out.sd);

	if (err < 0)
		return err;
	error = sddl_write(op->out.sd, NULL, &op->out.data);
	if (error != SD_OK)
		return -sd_errno(error);
	op->out.size = strlen(op->out.data);
	return 0;
}

typedef enum sd_error write_fn(const struct descriptor *sd, uint8_t **bytes, size_t *size);
typedef enum sd_error read_fn(const uint8_t *bytes, size_t size, struct descriptor **sd);

static int get_binary(struct operation *op, struct node *node, unsigned int parts, write_fn *write)
{
	enum sd_error error;
	int err = get_descriptor(op, node, parts, &op->out.sd);

	if (err < 0)
		return err;
	error = write(op->out.sd, (uint8_t **)&op->out.data, &op->out.size);
	return error == SD_OK ? 0 : -sd_errno(error);
}

static int get_ntfs(struct operation *op, struct node *node, const char *argument)
{
	return get_binary(op, node, PART_ALL, descriptor_write);
}

static int get_ntsd(struct operation *op, struct node *node, const char *argument)
{
	return get_binary(op, node, PARTS_NTSD, descriptor_write);
}

static int get_ntsd_full(struct operation *op, struct node *node, const char *argument)
{
	return get_binary(op, node, PART_ALL, descriptor_write_cifs);
}

/* As Samba stores it, of which it can be told the attribute's name. */
static enum sd_error write_ntacl(const struct descriptor *sd, uint8_t **bytes, size_t *size)
{
	return ntacl_write(sd, NULL, bytes, size);
}

static enum sd_error read_ntacl(const uint8_t *bytes, size_t size, struct descriptor **sd)
{
	return ntacl_read(bytes, size, sd, NULL);
}

static int get_ntacl(struct operation *op, struct node *node, const char *argument)
{
	return get_binary(op, node, PART_ALL, write_ntacl);
}

/*
 * A change of who may do what with @node is on its way: what the kernel may answer by itself is
 * told before and after.
 */
static struct entry_timeouts change_begin(struct operation *op, struct node *node)
{
	if (node_type(node) != S_IFDIR)
		return (struct entry_timeouts){0};
	return guard_entry_timeouts(op, node);
}

static void change_end(struct operation *op, struct node *node, struct entry_timeouts before)
{
	kernel_cache_drop_attr(op->session, node);
	if (node_type(node) == S_IFDIR && guard_names_closed(op, node, before))
		kernel_cache_drop_names(op->session);
}

/* Sets those of @parts that @given has. */
static int set_descriptor(struct operation *op, struct node *node, const struct descriptor *given,
			  unsigned int parts)
{
	struct entry_timeouts before;
	int err;

	parts &= descriptor_parts(given);
	if (!parts)
		return -EINVAL;
	before = change_begin(op, node);
	err = guard_write_descriptor(op, node, given, parts);
	if (err == 0)
		err = op->session->store->ops->set_descriptor(op, node, given, parts);
	if (err == 0)
		change_end(op, node, before);
	return err;
}

static int set_sddl(struct operation *op, struct node *node, const char *value, size_t size)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *given = NULL;
	enum sd_error error;
	char *text;

	/* A final newline or NUL is how tools end a text; one within is no SDDL. */
	while (size && (value[size - 1] == '\n' || value[size - 1] == '\0'))
		size--;
	if (memchr(value, '\0', size))
		return -EINVAL;
	text = strndup(value, size);
	if (!text)
		return -ENOMEM;
	error = sddl_read(text, NULL, &given, NULL);
	free(text);
	return error == SD_OK ? set_descriptor(op, node, given, PART_ALL) : -sd_errno(error);
}

static int set_binary(struct operation *op, struct node *node, const char *value, size_t size,
		      unsigned int parts, read_fn *read)
{
	__attribute__((cleanup(descriptor_destroyp))) struct descriptor *given = NULL;
	enum sd_error error = read((const uint8_t *)value, size, &given);

	return error == SD_OK ? set_descriptor(op, node, given, parts) : -sd_errno(error);
}

static int set_ntfs(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_binary(op, node, value, size, PART_ALL, descriptor_read);
}

static int set_dacl(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_binary(op, node, value, size, PART_DACL, descriptor_read);
}

static int set_ntsd(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_binary(op, node, value, size, PARTS_NTSD, descriptor_read);
}

static int set_ntacl(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_binary(op, node, value, size, PART_ALL, read_ntacl);
}

static int set_ntsd_full(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_binary(op, node, value, size, PART_ALL, descriptor_read_cifs);
}

static int get_access(struct operation *op, struct node *node, const char *argument)
{
	uint32_t granted;
	int length, err = guard_maximum(op, node, &granted);

	if (err < 0)
		return err;
	length = asprintf(&op->out.data, "0x%08x", granted);
	if (length < 0) {
		op->out.data = NULL;
		return -ENOMEM;
	}
	op->out.size = (size_t)length;
	return 0;
}

/* After the prefix: one to eight hexadecimal digits, as the library writes them. */
static int parse_rights(const char *text, uint32_t *rights)
{
	size_t length = strlen(text);

	if (!length || length > 8 || strspn(text, "0123456789abcdef") != length)
		return -EINVAL;
	*rights = (uint32_t)strtoul(text, NULL, 16);
	return *rights ? 0 : -EINVAL;
}

/* "0xGRANTED yes" or "0xGRANTED no": all that the caller may do, and whether what it asks is. */
static int get_check(struct operation *op, struct node *node, const char *argument)
{
	uint32_t wanted, granted;
	bool allowed;
	int length, err = parse_rights(argument, &wanted);

	if (err == 0)
		err = guard_check(op, node, wanted, &granted, &allowed);
	if (err < 0)
		return err;
	length = asprintf(&op->out.data, "0x%08x %s", granted, allowed ? "yes" : "no");
	if (length < 0) {
		op->out.data = NULL;
		return -ENOMEM;
	}
	op->out.size = (size_t)length;
	return 0;
}

/* The nearest POSIX ACL says no more than the mode that stat shows. */
static int get_posix(struct operation *op, struct node *node, const char *name)
{
	int err = guard_stat(op, node);

	return err < 0 ? err : op->session->store->ops->getxattr(op, node, name);
}

static int get_posix_access(struct operation *op, struct node *node, const char *argument)
{
	return get_posix(op, node, "system.posix_acl_access");
}

static int get_posix_default(struct operation *op, struct node *node, const char *argument)
{
	return get_posix(op, node, "system.posix_acl_default");
}

/* An ACL says who may do what, as chmod(2) does, and takes the same right. */
static int set_posix(struct operation *op, struct node *node, bool inherit, const char *value,
		     size_t size)
{
	mode_t special = node_type(node) == S_IFDIR && !inherit ? S_ISGID : 0;
	struct entry_timeouts before = change_begin(op, node);
	int err = guard_chmod(op, node, &special);

	if (err == 0)
		err = op->session->store->ops->set_acl(op, node, inherit, value, size,
						       special & S_ISGID);
	if (err == 0)
		change_end(op, node, before);
	return err;
}

static int set_posix_access(struct operation *op, struct node *node, const char *value, size_t size)
{
	return set_posix(op, node, false, value, size);
}

static int set_posix_default(struct operation *op, struct node *node, const char *value,
			     size_t size)
{
	return set_posix(op, node, true, value, size);
}

static int get_whoami(struct operation *op, struct node *node, const char *argument)
{
	return identity_show(op, &op->out.data, &op->out.size);
}

/*
 * What no descriptor says, but decides with it (docs/access.md): words, for who may read the
 * descriptor.
 */
static int get_nature(struct operation *op, struct node *node, const char *argument)
{
	const struct options *options = op->session->options;
	unsigned int parts = PARTS_NTSD, nature;
	INTERNED sd = NULL;
	int length, err = guard_read_descriptor(op, node, &parts);

	if (err == 0)
		err = op->session->store->ops->get_descriptor(op, node, &sd);
	if (err < 0)
		return err;
	nature = interned_nature(sd);
	length = asprintf(&op->out.data, "mount%s%s%s%s%s%s%s%s",
			  nature & DESCRIPTOR_IMPLIED ? " implied" : "",
			  nature & DESCRIPTOR_NARROWED ? " narrowed" : "",
			  nature & DESCRIPTOR_STICKY ? " sticky" : "",
			  nature & DESCRIPTOR_BY_MODE ? " by-mode" : "",
			  node_is_root(node) ? " root" : "",
			  options->traverse == TRAVERSE_STRICT ? " traverse-strict" : "",
			  options->attributes == ATTRIBUTES_PUBLIC ? " attributes-public" : "",
			  options->root == ROOT_SQUASH ? " root-squash" : "");
	if (length < 0) {
		op->out.data = NULL;
		return -ENOMEM;
	}
	op->out.size = (size_t)length;
	return 0;
}

/* Where the records are, for root, whom the share may have squashed. */
static int get_audit(struct operation *op, struct node *node, const char *argument)
{
	const struct token *token;
	int err = operation_token(op, false, &token);

	if (err < 0)
		return err;
	if (op->caller.uid != 0 || token_actor(token))
		return -EPERM;
	if (!audit_file())
		return -ENODATA;
	op->out.data = strdup(audit_file());
	if (!op->out.data)
		return -ENOMEM;
	op->out.size = strlen(op->out.data);
	return 0;
}

/* Which program serves this mount: no secret, and no right is needed. */
static int get_build(struct operation *op, struct node *node, const char *argument)
{
	op->out.data = strdup(build_text());
	if (!op->out.data)
		return -ENOMEM;
	op->out.size = strlen(op->out.data);
	return 0;
}

static const struct special specials[] = {
	{"system.guise.sddl", false, false, get_sddl, set_sddl},
	{"system.ntfs_acl", false, false, get_ntfs, set_ntfs},
	{"system.cifs_acl", false, false, get_ntsd, set_dacl},
	{"system.cifs_ntsd", false, false, get_ntsd, set_ntsd},
	{"system.cifs_ntsd_full", false, false, get_ntsd_full, set_ntsd_full},
	{"system.guise.ntacl", false, false, get_ntacl, set_ntacl},
	{"system.guise.access", false, true, get_access, NULL},
	{"system.guise.access.check.0x", true, true, get_check, NULL},
	{"system.guise.nature", false, false, get_nature, NULL},
	{"system.guise.token.", true, false, identity_show_thread, NULL},
	{"system.guise.whoami", false, true, get_whoami, NULL},
	{"system.guise.context", false, true, context_show, NULL},
	{"system.guise.context.check.", true, true, context_check, NULL},
	{"system.guise.audit", false, false, get_audit, NULL},
	{"system.guise.build", false, true, get_build, NULL},
	{"system.guise.defaults", false, true, mount_policy_defaults, NULL},
	{"system.guise.policy", false, false, mount_policy_show, NULL},
	{"system.guise.policy.reload", false, false, mount_policy_ask, NULL},
	{"system.guise.thread.", true, true, identity_announce_thread, NULL},
	{"system.guise.tree.", true, true, identity_announce_tree, NULL},
	{"system.posix_acl_access", false, false, get_posix_access, set_posix_access, true},
	{"system.posix_acl_default", false, false, get_posix_default, set_posix_default, true},
};

static const struct special *find_special(const char *name, const char **argument)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++) {
		size_t length = strlen(specials[i].name);

		if (strncmp(name, specials[i].name, length))
			continue;
		*argument = name + length;
		if (specials[i].prefix ? **argument : !**argument)
			return &specials[i];
	}
	return NULL;
}

static bool is_user(const char *name)
{
	return !strncmp(name, "user.", 5) && name[5];
}

void front_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t room)
{
	struct node *node = front_node(req, ino);
	const struct special *special;
	const char *argument;
	struct operation op;
	int err = -EOPNOTSUPP;

	operation_start(&op, req, "getxattr", node, reply_data);
	op.room = room;
	special = find_special(name, &argument);
	op.identify = special && special->identify;
	if (special)
		err = special->get(&op, node, argument);
	else if (is_user(name) && (err = guard_read_ea(&op, node)) == 0)
		err = front_store(req)->getxattr(&op, node, name);
	operation_end(&op, err);
}

void front_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value,
		    size_t size, int flags)
{
	struct node *node = front_node(req, ino);
	const struct special *special;
	const char *argument;
	struct operation op;
	int err = -EOPNOTSUPP;

	operation_start(&op, req, "setxattr", node, NULL);
	special = find_special(name, &argument);
	if (special && special->set)
		err = (flags & XATTR_CREATE) && !special->removable
			      ? -EEXIST
			      : special->set(&op, node, value, size);
	else if (is_user(name) && (err = guard_write_ea(&op, node)) == 0)
		err = front_store(req)->setxattr(&op, node, name, value, size, flags);
	operation_end(&op, err);
}

void front_listxattr(fuse_req_t req, fuse_ino_t ino, size_t room)
{
	struct node *node = front_node(req, ino);
	struct operation op;
	int err;

	operation_start(&op, req, "listxattr", node, reply_data);
	op.room = room;
	err = guard_read_ea(&op, node);
	if (err == 0)
		err = front_store(req)->listxattr(&op, node);
	operation_end(&op, err);
}

void front_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name)
{
	struct node *node = front_node(req, ino);
	const struct special *special = find_special(name, &(const char *){NULL});
	struct operation op;
	int err = -EOPNOTSUPP;

	operation_start(&op, req, "removexattr", node, NULL);
	if (special && special->removable)
		err = special->set(&op, node, NULL, 0);
	else if (is_user(name) && (err = guard_write_ea(&op, node)) == 0)
		err = front_store(req)->removexattr(&op, node, name);
	operation_end(&op, err);
}
