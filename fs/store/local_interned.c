/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors at rest, remembered: by the bytes they are made of, and with each
 * node for as long as its object's time of change stays the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "acl/ntacl.h"
#include "acl/posix.h"
#include "fs/interned.h"
#include "fs/store/local.h"

/* most descriptors fit here, the rest needs memory from the heap */
#define USUAL_SIZE 2048

/* seconds after which no filesystem gives a change the time of the one before any more */
#define COARSE_SECONDS 3

/* two changes further apart than this may have different times on a coarse clock, too */
#define FINE_NS 1000000

/* how often the clock of a filesystem must tell two changes apart */
#define CLOCK_TRIES 8

/* What a descriptor that is not stored hangs on, where there is no POSIX ACL. */
struct implied_key {
	char kind; /* 'M'; a blob's key begins with 'S' */
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

static void freep(void *p)
{
	free(*(void **)p);
}

static bool change_is_told(int fd)
{
	struct timespec begin, end;
	struct stat before, after;
	int64_t took;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (fstat(fd, &before) < 0 || fchmod(fd, 0) < 0 || fstat(fd, &after) < 0)
		return false;
	clock_gettime(CLOCK_MONOTONIC, &end);
	took = (int64_t)(end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec;
	return took < FINE_NS && (before.st_ctim.tv_sec != after.st_ctim.tv_sec ||
				  before.st_ctim.tv_nsec != after.st_ctim.tv_nsec);
}

bool local_clock_is_fine(int folder)
{
	int fd = openat(folder, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0);
	bool fine = fd >= 0;

	for (int i = 0; i < CLOCK_TRIES && fine; i++)
		fine = change_is_told(fd);
	if (fd >= 0)
		close(fd);
	return fine;
}

/*
 * Would a change of the object of @fd from now on show in its time of change, which was @st's?
 * Where that counts in ticks or seconds, only if it is older than the last one: another change in
 * the same tick would leave it as it is.  The clock is read first: it may take a while to get to
 * the object.
 */
static bool change_would_show(const struct local *local, int fd, const struct stat *st)
{
	struct timespec now;
	struct stat again;

	if (local->fine_clock)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - st->st_ctim.tv_sec >= COARSE_SECONDS && fstat(fd, &again) == 0 &&
	       again.st_ctim.tv_sec == st->st_ctim.tv_sec &&
	       again.st_ctim.tv_nsec == st->st_ctim.tv_nsec;
}

static unsigned int nature_of(const struct local_descriptor *loaded)
{
	const unsigned int narrowed = loaded->unmasked ? DESCRIPTOR_NARROWED : 0;
	mode_t mode;

	if (loaded->implied)
		return DESCRIPTOR_IMPLIED | DESCRIPTOR_BY_MODE |
		       (loaded->st.st_mode & S_ISVTX ? DESCRIPTOR_STICKY : 0);
	/* the same bytes may be a file's and a folder's, which need not be told apart here */
	if (local_mode_of(loaded->sd, true, &mode))
		return narrowed | DESCRIPTOR_BY_MODE | (mode & S_ISVTX ? DESCRIPTOR_STICKY : 0);
	return narrowed | (local_mode_of(loaded->sd, false, &mode) ? DESCRIPTOR_BY_MODE : 0);
}

/* Takes what @loaded holds. */
static int intern_loaded(struct local *local, struct local_descriptor *loaded, const void *key,
			 size_t size, struct interned **out)
{
	unsigned int nature = nature_of(loaded);
	struct descriptor *sd = loaded->sd;

	loaded->sd = NULL;
	return interned_add(local->descriptors, key, size, sd, nature, out);
}

static int intern_blob(struct local *local, const char *path, const unsigned char *key, size_t size,
		       struct interned **out)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor loaded = {0};
	int err;

	*out = interned_find(local->descriptors, key, size);
	if (*out)
		return 0;
	err = local_descriptor_parse(path, key + 1, size - 1, &loaded);
	return err < 0 ? err : intern_loaded(local, &loaded, key, size, out);
}

/* With a POSIX ACL it is shared with nobody: its bytes and what libacl made of them may differ. */
static int intern_implied(struct local *local, int fd, const struct stat *st, struct interned **out)
{
	__attribute__((cleanup(local_descriptor_clear))) struct local_descriptor loaded = {0};
	struct implied_key key;
	bool plain;
	int err;

	memset(&key, 0, sizeof(key));
	key.kind = 'M';
	key.mode = st->st_mode;
	key.uid = st->st_uid;
	key.gid = st->st_gid;
	err = local_has_posix_acl(fd, st->st_mode, &plain);
	plain = !plain;
	if (err < 0)
		return err;
	if (plain && (*out = interned_find(local->descriptors, &key, sizeof(key))))
		return 0;
	if (plain)
		err = local_descriptor_imply(st, &loaded);
	else
		err = local_descriptor_load(fd, &loaded);
	return err < 0 ? err : intern_loaded(local, &loaded, &key, plain ? sizeof(key) : 0, out);
}

#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif

/* linux/xattr.h, from Linux 6.13 on */
struct getxattrat_args {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
} __attribute__((aligned(8)));

/*
 * The descriptor that is stored on the object of @fd.  A folder can be asked by its descriptor,
 * which takes half as long as the way through /proc.
 */
static ssize_t read_blob(int fd, const struct stat *st, void *blob, size_t size)
{
	struct getxattrat_args args = {(uint64_t)(uintptr_t)blob, (uint32_t)size, 0};
	char path[LOCAL_PATH_SIZE];
	ssize_t got;

	if (S_ISDIR(st->st_mode)) {
		got = syscall(SYS_getxattrat, fd, ".", 0, LOCAL_NTACL, &args, sizeof(args));
		if (got >= 0 || errno != ENOSYS)
			return got;
	}
	return getxattr(local_path(fd, path), LOCAL_NTACL, blob, size);
}

static int load(struct local *local, int fd, const struct stat *st, struct interned **out)
{
	__attribute__((cleanup(freep))) unsigned char *large = NULL;
	unsigned char usual[1 + USUAL_SIZE], *key = usual;
	char path[LOCAL_PATH_SIZE];
	ssize_t size;

	size = read_blob(fd, st, usual + 1, USUAL_SIZE);
	if (size < 0 && errno == ERANGE) {
		key = large = malloc(1 + XATTR_SIZE_MAX);
		if (!large)
			return -ENOMEM;
		size = read_blob(fd, st, large + 1, XATTR_SIZE_MAX);
	}
	key[0] = 'S';
	if (size >= 0) {
		/* equal descriptors are to be one, whatever modes their objects have */
		ntacl_blank(key + 1, (size_t)size);
		return intern_blob(local, local_path(fd, path), key, 1 + (size_t)size, out);
	}
	if (errno == ENODATA || errno == EOPNOTSUPP)
		return intern_implied(local, fd, st, out);
	return -errno;
}

int local_interned(struct local *local, struct node *node, int fd, const struct seen *seen,
		   struct interned **out)
{
	bool exclusive = local->options->backing == BACKING_EXCLUSIVE;
	const struct stat *st = &seen->attr;
	bool keep;
	int err;

	*out = node_recall(node, exclusive ? NULL : &st->st_ctim);
	if (*out)
		return 0;
	keep = exclusive || change_would_show(local, fd, st);
	err = load(local, fd, st, out);
	if (err == 0 && keep && interned_is_light(*out))
		node_remember(node, seen->version, &st->st_ctim, *out);
	return err;
}

int local_look(struct node *node, int fd, struct seen *seen)
{
	/* what changes from here on outdates what is read */
	seen->version = node_version(node);
	seen->node = NULL;
	if (fstat(fd, &seen->attr) < 0)
		return -errno;
	seen->node = node;
	return 0;
}

/* Whether the guard has looked: what it decided by is what counts. */
static bool has_seen(const struct operation *op, const struct node *node)
{
	return op->seen.node == node && op->seen.version == node_version(node);
}

int local_seen(struct operation *op, struct node *node, int fd, struct interned **sd,
	       struct stat *st)
{
	int err = has_seen(op, node) ? 0 : local_look(node, fd, &op->seen);

	if (err < 0)
		return err;
	*st = op->seen.attr;
	return local_interned(local_of(op->session->store), node, fd, &op->seen, sd);
}

int local_get_descriptor(struct operation *op, struct node *node, struct interned **sd)
{
	struct local *local = local_of(op->session->store);
	LOCAL_FD fd = {.fd = -1};
	struct stat st;

	if (local->options->backing == BACKING_EXCLUSIVE) {
		op->seen.node = NULL;
		*sd = node_recall(node, NULL);
		if (*sd)
			return 0;
	}
	fd = local_fd_get(node);
	return fd.fd < 0 ? fd.fd : local_seen(op, node, fd.fd, sd, &st);
}
