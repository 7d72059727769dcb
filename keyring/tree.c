/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Marks on user namespaces, in the kernel and in memory. */
#include "keyring/tree.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "keyring/caller.h"
#include "keyring/census.h"
#include "keyring/key.h"
#include "keyring/namespace.h"
#include "keyring/ring.h"
#include "keyring/scoped.h"

#define BUCKETS 256
#define NAME_TREE "guise:tree:"
/* a keyring that holds the token key of marks */
#define NAME_KEPT "guise:kept:"
/* by file handle */
#define NAME_UNIQUE NAME_TREE "h"
#define NAME_SIZE (sizeof(NAME_UNIQUE) + NAMESPACE_HANDLE_TEXT)
#define SCAN_EVERY 10
#define CENSUS_TRIES 50
/* the kernel nests user namespaces 32 deep */
#define DEPTH_MAX 40

/* A mark whose namespace this daemon holds open. */
struct pin {
	struct pin *next;
	uint64_t inode;
	int fd;
	int32_t entry;
	struct tree_token token;
	unsigned int empty; /* scans in a row that found nobody */
};

/* What an entry says. */
struct mark {
	struct tree_token token;
	uint64_t pid_namespace; /* of the daemon that wrote it */
	pid_t daemon;
	uint64_t daemon_start;
};

struct trees {
	int32_t ring;
	uint64_t own; /* this daemon's user namespace */
	uint64_t pid_namespace;
	uint64_t start;
	pthread_mutex_t marking; /* one mark at a time */
	pthread_mutex_t lock;    /* of what follows, up to the pins */
	size_t count;
	struct pin *pins[BUCKETS];
	struct timespec scanned; /* housekeeping only, as are the next */
	int32_t *suspects;       /* entries of dead daemons that one scan found empty */
	size_t suspect_count;
};

/* What the mark on a namespace is called. */
struct space {
	uint64_t inode;
	bool unique; /* it is called so for ever: nobody has to hold it open */
	char name[NAME_SIZE];
};

static void space_by_inode(struct space *space)
{
	snprintf(space->name, sizeof(space->name), NAME_TREE "%" PRIu64, space->inode);
}

static int space_of(int fd, struct space *space)
{
	char handle[NAMESPACE_HANDLE_TEXT];
	int error = namespace_inode(fd, &space->inode);

	if (error)
		return error;
	space->unique = namespace_handle(fd, handle) == 0;
	if (space->unique)
		snprintf(space->name, sizeof(space->name), NAME_UNIQUE "%s", handle);
	else
		space_by_inode(space);
	return 0;
}

/* The description comes last: it may hold anything. */
static int mark_read(int32_t entry, struct mark *mark)
{
	char text[RING_ENTRY_MAX];
	int error = ring_entry_read(entry, text);
	int used = -1;

	if (error)
		return error;
	memset(mark, 0, sizeof(*mark));
	if (sscanf(text, "%" SCNd32 " %u %" SCNu64 " %d %" SCNu64 "%n", &mark->token.key,
		   &mark->token.owner, &mark->pid_namespace, &mark->daemon, &mark->daemon_start,
		   &used) != 5 ||
	    used < 0 || text[used] != ' ' || mark->token.key <= 0 ||
	    strlen(text + used + 1) >= sizeof(mark->token.description))
		return -EPROTO;
	strncpy(mark->token.description, text + used + 1, sizeof(mark->token.description) - 1);
	return 0;
}

static int mark_text(const struct trees *trees, const struct tree_token *token,
		     char text[RING_ENTRY_MAX])
{
	int width = snprintf(text, RING_ENTRY_MAX, "%" PRId32 " %u %" PRIu64 " %d %" PRIu64 " %s",
			     token->key, token->owner, trees->pid_namespace, (int)getpid(),
			     trees->start, token->description);

	return width < 0 || (size_t)width >= RING_ENTRY_MAX ? -EFBIG : 0;
}

/*
 * Keeps a mark's token key alive beside the mark, so that it still says that it was revoked.  In a
 * keyring of its own: a link that vanishes because the client ended its key stays charged to root
 * until the keyring that it was in ends.
 */
static void token_keep(const struct trees *trees, int32_t token)
{
	char name[sizeof(NAME_KEPT) + 16];
	int32_t keeper;

	snprintf(name, sizeof(name), NAME_KEPT "%" PRId32, token);
	keeper = add_key("keyring", name, NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	if (keeper < 0)
		return;
	if (keyctl_setperm(keeper, KEY_ROOT_PERM) == 0 && keyctl_link(token, keeper) == 0)
		(void)keyctl_link(keeper, trees->ring);
	(void)keyctl_unlink(keeper, KEY_SPEC_PROCESS_KEYRING);
}

static int32_t mark_write(const struct trees *trees, const struct space *space,
			  const struct tree_token *token)
{
	char text[RING_ENTRY_MAX];
	int error = mark_text(trees, token, text);

	if (error)
		return error;
	token_keep(trees, token->key);
	return ring_entry_claim(trees->ring, space->name, text);
}

static int trees_init(struct trees *trees)
{
	struct caller_stat stat;
	int error;
	SCOPED_FD own = namespace_open_own();

	if (own < 0)
		return own;
	error = namespace_inode(own, &trees->own);
	if (!error)
		error = caller_pid_namespace(&trees->pid_namespace);
	if (!error)
		error = caller_stat(getpid(), &stat);
	if (error)
		return error;
	trees->start = stat.start;
	trees->ring = ring_open(RING_TREES);
	return trees->ring < 0 ? trees->ring : 0;
}

int trees_create(struct trees **trees)
{
	struct trees *made = calloc(1, sizeof(*made));
	int error = made ? trees_init(made) : -ENOMEM;

	if (error) {
		free(made);
		return error;
	}
	pthread_mutex_init(&made->marking, NULL);
	pthread_mutex_init(&made->lock, NULL);
	*trees = made;
	return 0;
}

static void pin_free(struct pin *pin)
{
	close(pin->fd);
	free(pin);
}

void trees_destroy(struct trees *trees)
{
	if (!trees)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (trees->pins[i]) {
			struct pin *pin = trees->pins[i];

			trees->pins[i] = pin->next;
			pin_free(pin);
		}
	}
	pthread_mutex_destroy(&trees->marking);
	pthread_mutex_destroy(&trees->lock);
	free(trees->suspects);
	free(trees);
}

static struct pin **pin_link(struct trees *trees, uint64_t inode)
{
	struct pin **link = &trees->pins[inode % BUCKETS];

	while (*link && (*link)->inode != inode)
		link = &(*link)->next;
	return link;
}

static bool pin_find(struct trees *trees, uint64_t inode, struct tree_token *token)
{
	const struct pin *pin;

	pthread_mutex_lock(&trees->lock);
	pin = *pin_link(trees, inode);
	if (pin && token)
		*token = pin->token;
	pthread_mutex_unlock(&trees->lock);
	return pin != NULL;
}

/* Keeps the namespace @fd open from now on; nothing if it already is. */
static enum guise_reason pin_add(struct trees *trees, int fd, uint64_t inode, int32_t entry,
				 const struct tree_token *token)
{
	struct pin *pin = malloc(sizeof(*pin));
	struct pin **link;
	int held = dup(fd);

	if (!pin || held < 0) {
		free(pin);
		if (held >= 0)
			close(held);
		return REASON_NO_MEMORY;
	}
	*pin = (struct pin){NULL, inode, held, entry, *token, 0};
	pthread_mutex_lock(&trees->lock);
	link = pin_link(trees, inode);
	if (!*link) {
		*link = pin;
		trees->count++;
		pin = NULL;
	}
	pthread_mutex_unlock(&trees->lock);
	if (pin)
		pin_free(pin);
	return REASON_NONE;
}

/* Does the daemon that wrote @mark run, and so hold the namespace open? */
static bool mark_is_held(const struct trees *trees, const struct mark *mark)
{
	struct caller_stat stat;

	/* ids of another pid namespace say nothing here */
	return mark->pid_namespace == trees->pid_namespace && mark->daemon > 0 &&
	       caller_stat(mark->daemon, &stat) == 0 && stat.start == mark->daemon_start;
}

/*
 * The mark on one namespace, which @fd holds open since before the check that
 * the writer of the mark lives: so it was open without a gap.
 */
static enum guise_reason mark_find(struct trees *trees, int fd, const struct space *space,
				   struct tree_token *token)
{
	struct mark mark;
	int32_t entry;
	int error;

	if (pin_find(trees, space->inode, token))
		return REASON_NONE;
	entry = ring_find(trees->ring, space->name);
	if (entry <= 0) {
		token->key = 0;
		return entry < 0 ? REASON_REGISTRY_BROKEN : REASON_NONE;
	}
	error = mark_read(entry, &mark);
	if (error)
		return REASON_REGISTRY_BROKEN;
	if (!space->unique && !mark_is_held(trees, &mark))
		return REASON_TREE_STALE;
	*token = mark.token;
	return space->unique ? REASON_NONE : pin_add(trees, fd, space->inode, entry, token);
}

static enum guise_reason reason_of_namespace(int error)
{
	return error == -ESRCH ? REASON_CALLER_GONE : REASON_TREE_UNREADABLE;
}

/* From @fd (which is closed) up to the daemon's own namespace: the first mark. */
static enum guise_reason trees_climb(struct trees *trees, int fd, struct tree_token *token)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		enum guise_reason reason;
		struct space space;
		SCOPED_FD child = fd;

		if (child == -EPERM && depth > 0)
			return REASON_NONE; /* no further up */
		if (child < 0)
			return depth ? REASON_TREE_UNREADABLE : reason_of_namespace(child);
		if (namespace_inode(child, &space.inode))
			return REASON_TREE_UNREADABLE;
		if (space.inode == trees->own)
			return REASON_NONE;
		if (space_of(child, &space))
			return REASON_TREE_UNREADABLE;
		reason = mark_find(trees, child, &space, token);
		if (reason || token->key)
			return reason;
		fd = namespace_parent(child);
	}
	return REASON_TREE_UNREADABLE;
}

/* Are there any marks?  Nothing else is looked at as long as there are none. */
static enum guise_reason trees_any(struct trees *trees, bool *any)
{
	ssize_t count = key_count(trees->ring);

	if (count < 0)
		return REASON_REGISTRY_BROKEN;
	pthread_mutex_lock(&trees->lock);
	*any = count > 0 || trees->count > 0;
	pthread_mutex_unlock(&trees->lock);
	return REASON_NONE;
}

enum guise_reason trees_find(struct trees *trees, pid_t tid, struct tree_token *token)
{
	enum guise_reason reason;
	bool any;

	token->key = 0;
	reason = trees_any(trees, &any);
	if (reason || !any)
		return reason;
	return trees_climb(trees, namespace_open(tid), token);
}

/* Is @fd a namespace that @uid made right below the daemon's own? */
static bool namespace_is_own(const struct trees *trees, int fd, uid_t uid)
{
	uint64_t inode, above;
	uid_t owner;
	SCOPED_FD parent = namespace_parent(fd);

	return parent >= 0 && namespace_inode(fd, &inode) == 0 && inode != trees->own &&
	       namespace_inode(parent, &above) == 0 && above == trees->own &&
	       namespace_owner(fd, &owner) == 0 && owner == uid;
}

/* May the namespace @fd of @tid get a mark?  Stores what it is to be called. */
static enum guise_reason mark_refuse(struct trees *trees, int fd, pid_t tid, uid_t uid,
				     struct space *space)
{
	struct tree_token above = {0};
	enum guise_reason reason = trees_climb(trees, dup(fd), &above);
	unsigned int threads;
	bool only;
	int error;

	if (reason)
		return reason;
	if (above.key)
		return REASON_TREE_INSIDE;
	error = caller_threads(tid, &threads);
	if (!error)
		error = caller_maps_only(tid, uid, &only);
	if (error)
		return reason_of_namespace(error);
	/* init is nobody's tree, and the census may not see it */
	if (tid == 1 || threads != 1 || !only || !namespace_is_own(trees, fd, uid) ||
	    space_of(fd, space))
		return REASON_TREE_NO_NAMESPACE;
	return REASON_NONE;
}

/* Has another daemon, told before this one, made the very mark already? */
static bool mark_is_made(struct trees *trees, int fd, const struct tree_token *token)
{
	struct tree_token made = {0};
	struct space space;

	return space_of(fd, &space) == 0 && space.inode != trees->own &&
	       mark_find(trees, fd, &space, &made) == REASON_NONE && made.key == token->key &&
	       made.owner == token->owner && strcmp(made.description, token->description) == 0;
}

static enum guise_reason mark_place(struct trees *trees, pid_t tid, uid_t uid,
				    const struct tree_token *token)
{
	enum guise_reason reason;
	struct space space;
	int32_t entry;
	SCOPED_FD fd = namespace_open(tid);

	if (fd < 0)
		return reason_of_namespace(fd);
	if (mark_is_made(trees, fd, token))
		return REASON_NONE;
	reason = mark_refuse(trees, fd, tid, uid, &space);
	if (reason)
		return reason;
	entry = mark_write(trees, &space, token);
	if (entry < 0)
		return entry == -EEXIST ? REASON_TREE_INSIDE : REASON_REGISTRY_BROKEN;
	if (space.unique)
		return REASON_NONE;
	reason = pin_add(trees, fd, space.inode, entry, token);
	/* nobody holds the namespace open: the mark goes at all costs */
	if (reason && ring_entry_remove(trees->ring, entry))
		(void)keyctl_invalidate(entry);
	return reason;
}

enum guise_reason trees_mark(struct trees *trees, pid_t tid, uid_t uid,
			     const struct tree_token *token)
{
	enum guise_reason reason;

	pthread_mutex_lock(&trees->marking);
	reason = mark_place(trees, tid, uid, token);
	pthread_mutex_unlock(&trees->marking);
	return reason;
}

/* Drops pins that two scans in a row found empty, and their marks. */
static void pins_review(struct trees *trees, const struct census *census)
{
	pthread_mutex_lock(&trees->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		struct pin **link = &trees->pins[i];

		while (*link) {
			struct pin *pin = *link;

			pin->empty = census_has(census, pin->inode) ? 0 : pin->empty + 1;
			/* the mark first: a mark of this daemon says that it holds the namespace */
			if (pin->empty < 2 || ring_entry_remove(trees->ring, pin->entry)) {
				link = &pin->next;
				continue;
			}
			*link = pin->next;
			trees->count--;
			pin_free(pin);
		}
	}
	pthread_mutex_unlock(&trees->lock);
}

/*
 * A mark that this daemon has believed, but whose writer ended since: it writes
 * the mark anew as its own, so that daemons to come can believe it as well.
 */
static void pin_adopt(struct trees *trees, struct pin *pin)
{
	struct space space = {.inode = pin->inode};
	char text[RING_ENTRY_MAX];
	struct mark mark;
	int32_t entry;

	if (mark_read(pin->entry, &mark) || mark_is_held(trees, &mark) ||
	    mark_text(trees, &pin->token, text))
		return;
	space_by_inode(&space);
	entry = ring_entry_write(trees->ring, space.name, text);
	if (entry > 0)
		pin->entry = entry;
}

static void pins_adopt(struct trees *trees)
{
	pthread_mutex_lock(&trees->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct pin *pin = trees->pins[i]; pin; pin = pin->next)
			pin_adopt(trees, pin);
	}
	pthread_mutex_unlock(&trees->lock);
}

static bool is_suspect(const struct trees *trees, int32_t entry)
{
	for (size_t i = 0; i < trees->suspect_count; i++) {
		if (trees->suspects[i] == entry)
			return true;
	}
	return false;
}

/* Is @entry a mark that no living daemon holds, on a namespace that nobody is in? */
static bool mark_is_left(const struct trees *trees, const struct census *census, int32_t entry)
{
	struct key_info info;
	struct mark mark;
	uint64_t inode;
	int used = -1;

	return key_describe(entry, &info) == 0 &&
	       sscanf(info.description, NAME_TREE "%" SCNu64 "%n", &inode, &used) == 1 &&
	       used > 0 && info.description[used] == '\0' && !census_has(census, inode) &&
	       mark_read(entry, &mark) == 0 && mark.pid_namespace == trees->pid_namespace &&
	       !mark_is_held(trees, &mark);
}

/* The same for marks that dead daemons left: the second time in a row they go. */
static void marks_review(struct trees *trees, const struct census *census)
{
	SCOPED_BUFFER int32_t *entries = NULL;
	ssize_t count = key_list_all(trees->ring, &entries);
	size_t left = 0;

	if (count < 0)
		return;
	for (ssize_t i = 0; i < count; i++) {
		if (!mark_is_left(trees, census, entries[i]))
			continue;
		if (!is_suspect(trees, entries[i]) || ring_entry_remove(trees->ring, entries[i]))
			entries[left++] = entries[i];
	}
	free(trees->suspects);
	trees->suspects = entries;
	trees->suspect_count = left;
	entries = NULL;
}

/* The token keys of the marks that stay. */
struct kept {
	int32_t *keys;
	size_t count;
};

/* Keeps the mark @entry, or removes it if its namespace, named by its handle, is no more. */
static void mark_review(const struct trees *trees, int32_t entry, const char *description,
			struct kept *kept, bool *by_inode)
{
	bool unique = !strncmp(description, NAME_UNIQUE, strlen(NAME_UNIQUE));
	struct mark mark;

	if (unique && namespace_exists(description + strlen(NAME_UNIQUE)) == 0 &&
	    ring_entry_remove(trees->ring, entry) == 0)
		return;
	*by_inode = *by_inode || !unique;
	if (mark_read(entry, &mark) == 0)
		kept->keys[kept->count++] = mark.token.key;
}

static bool is_kept(const struct kept *kept, int32_t key)
{
	for (size_t i = 0; i < kept->count; i++) {
		if (kept->keys[i] == key)
			return true;
	}
	return false;
}

/* Does @entry keep a token key that a mark needs?  Older daemons link the key itself. */
static bool is_keeper(const struct kept *kept, int32_t entry)
{
	struct key_info info;
	int32_t key;

	if (is_kept(kept, entry))
		return true;
	return key_describe(entry, &info) == 0 && strcmp(info.type, "keyring") == 0 &&
	       key_list(entry, &key, 1) == 1 && is_kept(kept, key);
}

/*
 * Removes marks on namespaces that are no more, and the token keys that
 * no mark needs any longer.  Tells whether there are marks named by inode.
 */
static bool marks_reap(const struct trees *trees)
{
	SCOPED_BUFFER int32_t *entries = NULL;
	ssize_t count = key_list_all(trees->ring, &entries);
	SCOPED_BUFFER int32_t *keys = calloc(count > 0 ? (size_t)count : 1, sizeof(*keys));
	struct kept kept = {.keys = keys};
	bool by_inode = false;
	ssize_t others = 0;

	if (!keys)
		return true;
	for (ssize_t i = 0; i < count; i++) {
		struct key_info info;

		if (!key_describe(entries[i], &info) &&
		    !strncmp(info.description, NAME_TREE, strlen(NAME_TREE)))
			mark_review(trees, entries[i], info.description, &kept, &by_inode);
		else
			entries[others++] = entries[i];
	}
	for (ssize_t i = 0; i < others; i++)
		if (!is_keeper(&kept, entries[i]))
			(void)keyctl_unlink(entries[i], trees->ring);
	return by_inode;
}

/* Where processes start and end all the time, some scan finds a quiet moment. */
static int census_try(struct census *census)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	int error = -EAGAIN;

	for (int i = 0; i < CENSUS_TRIES && error == -EAGAIN; i++) {
		if (i)
			nanosleep(&pause, NULL);
		error = census_take(census);
	}
	return error;
}

void trees_housekeep_every(struct trees *trees, long every)
{
	__attribute__((cleanup(census_free))) struct census census = {0};
	struct timespec now;
	bool any;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - trees->scanned.tv_sec < every || trees_any(trees, &any) || !any)
		return;
	trees->scanned = now;
	if (!marks_reap(trees) && !trees->count)
		return;
	pins_adopt(trees);
	/* an inconclusive scan neither helps nor harms what earlier ones found */
	if (census_try(&census))
		return;
	pins_review(trees, &census);
	marks_review(trees, &census);
}

void trees_housekeep(struct trees *trees)
{
	trees_housekeep_every(trees, SCAN_EVERY);
}
