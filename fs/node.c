/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of nodes, and the cache of their descriptors.
 */
#include "fs/node.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/backing.h"
#include "fs/handle.h"
#include "fs/interned.h"
#include "fs/table.h"

#define SHARDS 64u

/* What identifies an inode for as long as the kernel may ask for it. */
struct node_key {
	unsigned int size; /* bytes of @bytes in use */
	int type;          /* handle type, or -1: device and inode number */
	unsigned char bytes[MAX_HANDLE_SZ];
};

struct shard {
	pthread_mutex_t lock;
	struct table table;
	struct node *newest, *oldest; /* nodes with a descriptor not in use now, by last use */
	size_t idle;                  /* how many */
};

struct node {
	struct node_table *table;
	struct table_link link;     /* in its shard */
	struct node *newer, *older; /* among those whose descriptor is not in use */
	struct node *folder;        /* where it was last found; a lookup counted there */
	_Atomic uint64_t lookups;   /* by the kernel, by children, by operations */
	unsigned int uses;          /* node_get_fd() without node_put_fd(), and open handles */
	int fd;                     /* O_PATH, or -1 */
	bool fixed;                 /* no file handle: the descriptor stays */
	atomic_uint version;        /* how often its security descriptor may have changed here */
	struct interned *interned;  /* the one that was read last, or NULL, */
	struct timespec changed;    /* when the object had this time of change */
	mode_t type;
	_Atomic uint32_t listed; /* when its entries were handed out: ms, which wrap */
	struct node_io io;
	unsigned short key_size;
	int key_type;
	unsigned char key[];
};

struct node_table {
	int root_fd;
	int mount_id;   /* of the root folder */
	size_t max_fds; /* of one shard */
	struct node *root;
	struct shard shards[SHARDS];
	pthread_mutex_t io_locks[SHARDS];
	struct node_shelf shelves[SHARDS]; /* each under one of them */
};

static struct shard *shard_of(struct node_table *table, uint64_t hash)
{
	return &table->shards[hash % SHARDS];
}

static uint64_t key_hash(const struct node_key *key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ (uint64_t)key->type;

	for (unsigned int i = 0; i < key->size; i++)
		hash = (hash ^ key->bytes[i]) * 0x100000001b3u;
	return hash ^ (hash >> 29);
}

/* The file handle of @name in @folder, or of @folder itself if it is "". */
static int key_by_handle(int folder, const char *name, struct node_key *key, int *mount_id)
{
	union {
		struct file_handle handle;
		unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;

	u.handle.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(folder, name, &u.handle, mount_id, *name ? 0 : AT_EMPTY_PATH) < 0)
		return -errno;
	key->size = u.handle.handle_bytes;
	key->type = u.handle.handle_type;
	memcpy(key->bytes, u.handle.f_handle, key->size);
	return 0;
}

static bool has_no_handles(int err)
{
	return err == -EOPNOTSUPP || err == -EOVERFLOW || err == -ENOSYS;
}

/* The file handle of @fd, or its device and number where there are no handles. */
static int key_make(int fd, struct node_key *key)
{
	struct stat st;
	int mount_id, err = key_by_handle(fd, "", key, &mount_id);

	if (!has_no_handles(err))
		return err;
	if (fstat(fd, &st) < 0)
		return -errno;
	key->type = -1;
	key->size = sizeof(st.st_dev) + sizeof(st.st_ino);
	memcpy(key->bytes, &st.st_dev, sizeof(st.st_dev));
	memcpy(key->bytes + sizeof(st.st_dev), &st.st_ino, sizeof(st.st_ino));
	return 0;
}

static bool key_is(const struct node_key *key, const struct node *node)
{
	return node->key_type == key->type && node->key_size == key->size &&
	       memcmp(node->key, key->bytes, key->size) == 0;
}

static int open_handle(const struct node *node)
{
	union {
		struct file_handle handle;
		unsigned char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;
	int fd;

	u.handle.handle_bytes = node->key_size;
	u.handle.handle_type = node->key_type;
	memcpy(u.handle.f_handle, node->key, node->key_size);
	fd = open_by_handle_at(node->table->root_fd, &u.handle, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * Descriptors that are in use are not looked at when some must go, and are in no list; those that
 * are not are in one, by their last use.  The shard is locked.
 */

static void idle_unlink(struct shard *shard, struct node *node)
{
	*(node->newer ? &node->newer->older : &shard->newest) = node->older;
	*(node->older ? &node->older->newer : &shard->oldest) = node->newer;
	node->newer = node->older = NULL;
	shard->idle--;
}

static void idle_link(struct shard *shard, struct node *node)
{
	node->newer = NULL;
	node->older = shard->newest;
	*(shard->newest ? &shard->newest->newer : &shard->oldest) = node;
	shard->newest = node;
	shard->idle++;
}

static bool is_idle(const struct node *node)
{
	return node->uses == 0 && node->fd >= 0 && !node->fixed;
}

/* Closes the descriptors used longest ago, beyond @limit. */
static void idle_trim(struct shard *shard, size_t limit)
{
	while (shard->idle > limit) {
		struct node *node = shard->oldest;

		idle_unlink(shard, node);
		close(node->fd);
		node->fd = -1;
	}
}

static void use_begin(struct shard *shard, struct node *node)
{
	if (is_idle(node))
		idle_unlink(shard, node);
	node->uses++;
}

static void use_end(struct shard *shard, struct node *node)
{
	node->uses--;
	if (!is_idle(node))
		return;
	idle_link(shard, node);
	idle_trim(shard, node->table->max_fds);
}

static struct node *node_create(struct node_table *table, const struct node_key *key, uint64_t hash,
				mode_t type)
{
	struct node *node = calloc(1, sizeof(*node) + key->size);

	if (!node)
		return NULL;
	node->table = table;
	node->link.hash = hash;
	node->fd = -1;
	node->fixed = key->type == -1;
	node->type = type & S_IFMT;
	node->key_type = key->type;
	node->key_size = (unsigned short)key->size;
	memcpy(node->key, key->bytes, key->size);
	return node;
}

/* The node of @key, or NULL; the shard is locked. */
static struct node *shard_look(const struct shard *shard, const struct node_key *key, uint64_t hash)
{
	struct table_link *link = table_find(&shard->table, hash);

	for (; link; link = table_same(link->next, hash)) {
		struct node *node = table_entry(link, struct node, link);

		if (key_is(key, node))
			return node;
	}
	return NULL;
}

/* Gives @node the descriptor @fd, unless it has one; false: it is not needed. */
static bool fd_give(struct shard *shard, struct node *node, int fd)
{
	if (node->fd >= 0)
		return false;
	/* as if it had been used */
	node->uses++;
	node->fd = fd;
	use_end(shard, node);
	return true;
}

/* Finds or makes the node of @key and counts a lookup; takes @fd. */
static int shard_find(struct node_table *table, const struct node_key *key, int fd, mode_t type,
		      struct node **found)
{
	uint64_t hash = key_hash(key);
	struct shard *shard = shard_of(table, hash);
	struct node *node;
	bool taken = false;

	pthread_mutex_lock(&shard->lock);
	node = shard_look(shard, key, hash);
	if (!node) {
		node = node_create(table, key, hash, type);
		if (node)
			table_add(&shard->table, &node->link);
	}
	if (node) {
		node->lookups++;
		taken = fd_give(shard, node, fd);
	}
	*found = node;
	pthread_mutex_unlock(&shard->lock);
	if (!taken)
		close(fd);
	return node ? 0 : -ENOMEM;
}

int node_find(struct node_table *table, int fd, struct node *folder, mode_t type,
	      struct node **found)
{
	struct node_key key = {0};
	int err = key_make(fd, &key);

	if (err < 0) {
		close(fd);
		return err;
	}
	err = shard_find(table, &key, fd, type, found);
	if (err == 0 && folder && *found != table->root)
		node_set_folder(*found, folder);
	return err;
}

/* The node of @key, with a lookup counted; NULL if it is not known. */
static struct node *shard_find_known(struct node_table *table, const struct node_key *key)
{
	uint64_t hash = key_hash(key);
	struct shard *shard = shard_of(table, hash);
	struct node *node;

	pthread_mutex_lock(&shard->lock);
	node = shard_look(shard, key, hash);
	if (node)
		node->lookups++;
	pthread_mutex_unlock(&shard->lock);
	return node;
}

int node_find_name(struct node_table *table, int parent, const char *name, struct node *folder,
		   struct node **found)
{
	struct node_key key = {0};
	int mount_id, err = key_by_handle(parent, name, &key, &mount_id);

	*found = NULL;
	if (err < 0)
		return has_no_handles(err) ? 0 : err;
	if (mount_id != table->mount_id)
		return -EXDEV;
	*found = shard_find_known(table, &key);
	if (*found && *found != table->root)
		node_set_folder(*found, folder);
	return 0;
}

/* One more lookup, by someone who knows that there is one already. */
static void node_count(struct node *node)
{
	atomic_fetch_add(&node->lookups, 1);
}

/* What is in no table any more. */
static void node_destroy(struct node *node)
{
	if (node->fd >= 0)
		close(node->fd);
	/* only at the end, when the kernel does not say any more what it closed */
	while (node->io.handles)
		handle_discard(node->io.handles);
	backing_forget(node_lock_io(node));
	node_unlock_io(node);
	interned_unref(node->interned);
	free(node);
}

/* Takes @node out of its shard, which is locked. */
static void shard_remove(struct shard *shard, struct node *node)
{
	table_remove(&shard->table, &node->link);
	if (is_idle(node))
		idle_unlink(shard, node);
}

void node_forget(struct node *node, uint64_t count)
{
	/* A freed node takes back its lookup of its folder, and so on upwards. */
	while (node) {
		struct shard *shard = shard_of(node->table, node->link.hash);
		struct node *folder = NULL;
		bool last;

		pthread_mutex_lock(&shard->lock);
		last = atomic_fetch_sub(&node->lookups, count) == count;
		if (last)
			shard_remove(shard, node);
		pthread_mutex_unlock(&shard->lock);
		if (last) {
			folder = node->folder;
			node_destroy(node);
		}
		node = folder;
		count = 1;
	}
}

void node_make_room(struct node *node)
{
	struct node_table *table = node->table;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&table->shards[i].lock);
		idle_trim(&table->shards[i], 0);
		pthread_mutex_unlock(&table->shards[i].lock);
	}
}

int node_get_fd(struct node *node)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	int fd, made = -1;

	pthread_mutex_lock(&shard->lock);
	use_begin(shard, node);
	fd = node->fd;
	pthread_mutex_unlock(&shard->lock);
	if (fd >= 0)
		return fd;

	made = open_handle(node);
	if (made == -EMFILE) {
		node_make_room(node);
		made = open_handle(node);
	}
	pthread_mutex_lock(&shard->lock);
	if (made >= 0 && node->fd < 0) {
		node->fd = made;
		fd = made;
		made = -1;
	} else {
		fd = node->fd >= 0 ? node->fd : made;
	}
	if (fd < 0)
		node->uses--;
	pthread_mutex_unlock(&shard->lock);
	if (made >= 0)
		close(made);
	return fd;
}

void node_put_fd(struct node *node)
{
	struct shard *shard = shard_of(node->table, node->link.hash);

	pthread_mutex_lock(&shard->lock);
	use_end(shard, node);
	pthread_mutex_unlock(&shard->lock);
}

/* An unlinked object cannot be opened by handle on every filesystem: its descriptor must stay. */
void node_hold(struct node *node)
{
	node_count(node);
	if (node_get_fd(node) < 0) {
		struct shard *shard = shard_of(node->table, node->link.hash);

		pthread_mutex_lock(&shard->lock);
		node->uses++;
		pthread_mutex_unlock(&shard->lock);
	}
}

void node_release(struct node *node)
{
	node_put_fd(node);
	node_forget(node, 1);
}

struct node *node_get_folder(struct node *node)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	struct node *folder;

	/* The node's own lookup keeps its folder alive while the shard is locked. */
	pthread_mutex_lock(&shard->lock);
	folder = node->folder;
	if (folder)
		node_count(folder);
	pthread_mutex_unlock(&shard->lock);
	return folder;
}

void node_set_folder(struct node *node, struct node *folder)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	struct node *old;
	bool same;

	if (node == folder)
		return;
	/* mostly nothing changes, which the folder, that all names in it share, is not to feel */
	pthread_mutex_lock(&shard->lock);
	old = node->folder;
	same = old == folder;
	if (!same) {
		node_count(folder);
		node->folder = folder;
	}
	pthread_mutex_unlock(&shard->lock);
	if (same)
		return;
	if (old)
		node_forget(old, 1);
}

void node_leave_folder(struct node *node, struct node *folder)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	bool left;

	pthread_mutex_lock(&shard->lock);
	left = node->folder == folder;
	if (left)
		node->folder = NULL;
	pthread_mutex_unlock(&shard->lock);
	if (left)
		node_forget(folder, 1);
}

unsigned int node_version(const struct node *node)
{
	return node->version;
}

struct interned *node_recall(struct node *node, const struct timespec *changed)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	struct interned *known = NULL;

	pthread_mutex_lock(&shard->lock);
	if (!changed ||
	    (changed->tv_sec == node->changed.tv_sec && changed->tv_nsec == node->changed.tv_nsec))
		known = interned_ref(node->interned);
	pthread_mutex_unlock(&shard->lock);
	return known;
}

void node_remember(struct node *node, unsigned int version, const struct timespec *changed,
		   struct interned *interned)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	struct interned *old = NULL;

	pthread_mutex_lock(&shard->lock);
	if (node->version == version) {
		old = node->interned;
		node->interned = interned_ref(interned);
		node->changed = *changed;
	}
	pthread_mutex_unlock(&shard->lock);
	interned_unref(old);
}

bool node_listed_lately(struct node *node, uint32_t ms)
{
	struct timespec now;
	uint32_t time;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	/* 0: never */
	time = (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) | 1;
	if (node->listed && time - node->listed < ms)
		return true;
	node->listed = time;
	return false;
}

void node_outdate(struct node *node)
{
	struct shard *shard = shard_of(node->table, node->link.hash);
	struct interned *old;

	pthread_mutex_lock(&shard->lock);
	node->version++;
	old = node->interned;
	node->interned = NULL;
	pthread_mutex_unlock(&shard->lock);
	interned_unref(old);
}

struct node *node_root(struct node_table *table)
{
	return table->root;
}

mode_t node_type(const struct node *node)
{
	return node->type;
}

bool node_is_root(const struct node *node)
{
	return node == node->table->root;
}

struct node_io *node_lock_io(struct node *node)
{
	pthread_mutex_lock(&node->table->io_locks[node->link.hash % SHARDS]);
	return &node->io;
}

void node_unlock_io(struct node *node)
{
	pthread_mutex_unlock(&node->table->io_locks[node->link.hash % SHARDS]);
}

size_t node_table_count(struct node_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&table->shards[i].lock);
		count += table->shards[i].table.count;
		pthread_mutex_unlock(&table->shards[i].lock);
	}
	return count;
}

struct node_shelf *node_shelf(struct node_io *io)
{
	struct node *node = (struct node *)((char *)io - offsetof(struct node, io));

	return &node->table->shelves[node->link.hash % SHARDS];
}

int node_table_create(int root_fd, size_t max_fds, struct node_table **out)
{
	struct node_table *table = calloc(1, sizeof(*table));
	int fd, err;

	if (!table)
		return -ENOMEM;
	table->root_fd = root_fd;
	table->mount_id = -1;
	table->max_fds = max_fds / SHARDS + 1;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&table->shards[i].lock, NULL);
		pthread_mutex_init(&table->io_locks[i], NULL);
	}
	for (size_t i = 0; i < SHARDS; i++)
		if ((err = table_init(&table->shards[i].table)) < 0)
			goto fail;
	(void)key_by_handle(root_fd, "", &(struct node_key){0}, &table->mount_id);
	fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = fd < 0 ? -errno : node_find(table, fd, NULL, S_IFDIR, &table->root);
	if (err < 0)
		goto fail;
	*out = table;
	return 0;
fail:
	node_table_destroy(table);
	return err;
}

static void link_destroy(struct table_link *link)
{
	node_destroy(table_entry(link, struct node, link));
}

void node_table_destroy(struct node_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &table->shards[i];

		table_drain(&shard->table, link_destroy);
		pthread_mutex_destroy(&shard->lock);
		pthread_mutex_destroy(&table->io_locks[i]);
	}
	free(table);
}
