/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the local store knows of objects by themselves: their descriptors at rest, and what goes
 * with these on the backing folder.  Nothing here knows of nodes, callers or FUSE, so that the
 * tool guise, used by root on a backing folder, does what the daemon does.
 */
#ifndef GUISE_FS_STORE_AT_REST_H
#define GUISE_FS_STORE_AT_REST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "acl/descriptor.h"

/* where a descriptor is stored, as Samba does */
#define LOCAL_NTACL "security.NTACL"
#define LOCAL_POSIX_ACCESS "system.posix_acl_access"
#define LOCAL_POSIX_DEFAULT "system.posix_acl_default"

struct __acl_ext; /* libacl's acl_t is a pointer to this */

/* local_object.c */
/* "/proc/self/fd/N": the way to an O_PATH descriptor for calls that take a path. */
#define LOCAL_PATH_SIZE 32
char *local_path(int fd, char path[LOCAL_PATH_SIZE]);

/* chmod(2) of what @fd, which may be an O_PATH one, refers to; not of a symbolic link.  0 or -errno
 */
int local_fchmod(int fd, mode_t mode);

/* local_descriptor.c: descriptors at rest */
struct local_descriptor {
	struct descriptor *sd;
	struct descriptor *unmasked; /* what a chmod narrowed, or NULL */
	bool implied;                /* by mode and POSIX ACL: nothing is stored */
	struct stat st;              /* valid if implied */
};
int local_descriptor_load(int fd, struct local_descriptor *out);
/* the descriptor that @blob is, of the object at @path (for the log) */
int local_descriptor_parse(const char *path, const uint8_t *blob, size_t size,
			   struct local_descriptor *out);
/* the one that the mode and owner of an object without a POSIX ACL imply */
int local_descriptor_imply(const struct stat *st, struct local_descriptor *out);
int local_has_posix_acl(int fd, mode_t mode, bool *has);
void local_descriptor_clear(struct local_descriptor *d);
/* Puts @parts of @given over what @fd's object has, as they are set: normalised. */
int local_descriptor_set(int fd, const struct descriptor *given, unsigned int parts);

/* local_change.c: stores @sd, and on the backing object the owner, group and nearest POSIX ACL that
 * go with it.
 * @keep: permission bits to show at most, or just these if @sd says what they say; and S_ISVTX and
 * S_ISGID of a folder as they are to be */
int local_descriptor_store(int fd, const struct descriptor *sd, const struct descriptor *unmasked,
			   mode_t keep);
/* the same for a new object that is thrown away if this fails, open as @fd or just found (O_PATH);
 * *@st: what it was before */
int local_descriptor_store_new(int fd, bool opened, const struct descriptor *sd,
			       const struct descriptor *unmasked, mode_t keep, struct stat *st);

/* The same where a POSIX ACL or, without one, a mode is known that means the same as @sd: that is
 * shown, if owner and group are Unix users and groups. */
struct local_shown {
	mode_t mode; /* nine bits, as the ACL has them */
	const struct __acl_ext *access;
};
int local_descriptor_store_shown(int fd, const struct descriptor *sd,
				 const struct descriptor *unmasked, mode_t keep,
				 const struct local_shown *shown);

/* local_mode.c: modes and their descriptors */
/* LocalSystem and Administrators are root, as which their objects lie on the backing folder. */
bool local_is_root_sid(const struct sid *sid);
/* Are owner and group of @sd ones whom a mode can mean: users and groups of this host or a domain?
 */
bool local_takes_mode(const struct descriptor *sd);
/* Does @sd just say what @mode, with its type, says? */
bool local_means(const struct descriptor *sd, mode_t mode);
/* The same for some mode, of a folder if @folder?  Which grants no more, and S_ISVTX, in *@mode. */
bool local_mode_of(const struct descriptor *sd, bool folder, mode_t *mode);
/* Makes the DACL of @sd what @mode, with its type, means; for @uid where the owner of @sd is none
 * whom a mode can mean, for @gid where the group is none. */
enum sd_error local_mode_apply(struct descriptor *sd, mode_t mode, uid_t uid, gid_t gid);
/* S_ISVTX and S_ISGID of a folder */
mode_t local_special_bits(const struct stat *st);
/* As whom a mode names owner and group of @sd. */
void local_classes(const struct descriptor *sd, uid_t uid, gid_t gid, struct sid *owner,
		   struct sid *group);

#endif
