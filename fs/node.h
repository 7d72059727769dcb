/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nodes: the objects of the backing folder that the kernel knows.
 *
 * A node is found by the file handle of its inode (inode number and generation,
 * so that a number used again is another node) and holds no file descriptor for
 * ever: descriptors are made from the handle on demand and kept in a bounded
 * cache.  Where the filesystem has no file handles a node keeps its descriptor.
 * Thread safe.
 */
#ifndef GUISE_FS_NODE_H
#define GUISE_FS_NODE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

struct handle;
struct interned;
struct node;
struct node_table;
struct session;

/*
 * A table for the tree below the folder @root_fd (a real descriptor, borrowed for the table's
 * life), caching at most @max_fds descriptors.  Returns 0 or -errno.
 */
int node_table_create(int root_fd, size_t max_fds, struct node_table **table);
void node_table_destroy(struct node_table *table);

/* How many nodes there are. */
size_t node_table_count(struct node_table *table);

/* The node of the root folder; it is never forgotten. */
struct node *node_root(struct node_table *table);

/*
 * The node of the object that @fd (O_PATH, taken over) refers to, found in @folder
 * (NULL: nowhere); makes it if it is new and counts one lookup.
 */
int node_find(struct node_table *table, int fd, struct node *folder, mode_t type,
	      struct node **node);

/*
 * The same for @name in @folder, which is open as @parent, if the node is known; *@node is NULL if
 * it is not, or if that takes a descriptor to tell.  Returns 0 or -errno: -ENOENT if there is no
 * such name, -EXDEV if another filesystem is mounted there.
 */
int node_find_name(struct node_table *table, int parent, const char *name, struct node *folder,
		   struct node **node);

/* Takes back @count lookups; the last one frees the node. */
void node_forget(struct node *node, uint64_t count);

/*
 * A descriptor (O_PATH) of the node, valid until node_put_fd().  Returns it or
 * -errno: -ESTALE if the object is gone.
 */
int node_get_fd(struct node *node);
void node_put_fd(struct node *node);

/* Closes the cached descriptors that nobody uses just now: the process has too many. */
void node_make_room(struct node *node);

/* The folder in which the node was last found, with a lookup counted; NULL for the root.  Give it
 * to node_forget(…, 1). */
struct node *node_get_folder(struct node *node);

/* @node is now in @folder (after a rename or link). */
void node_set_folder(struct node *node, struct node *folder);

/* @node is perhaps no longer in @folder: if that is where it was last found, forget it. */
void node_leave_folder(struct node *node, struct node *folder);

/* S_IFREG, S_IFDIR, … */
mode_t node_type(const struct node *node);
bool node_is_root(const struct node *node);

/*
 * The security descriptor that was last read, while nothing says that it may be another by now.
 *
 * node_recall() returns it, with a reference, if the object has not changed since: its time of
 * change is @changed still (NULL: nobody but this process changes it).  node_remember() does
 * nothing if node_outdate() came since node_version() was @version, which was before the object was
 * looked at.
 */
unsigned int node_version(const struct node *node);
struct interned *node_recall(struct node *node, const struct timespec *changed);
void node_remember(struct node *node, unsigned int version, const struct timespec *changed,
		   struct interned *interned);
/* After each change of the security descriptor, or an attempt at one. */
void node_outdate(struct node *node);

/* Were the entries of folder @node handed out less than @ms ago?  If not, they are from now on. */
bool node_listed_lately(struct node *node, uint32_t ms);

/* Keeps the node and its descriptor while a handle is open on it. */
void node_hold(struct node *node);
void node_release(struct node *node);

/*
 * How the open handles of a node reach its data.  The kernel wants one way for all
 * of them at a time: through its passthrough (with one backing id) or through the daemon.
 */
struct node_io {
	struct handle *handles;  /* open ones, a list */
	unsigned int passed;     /* open handles in passthrough */
	unsigned int plain;      /* open handles through the daemon */
	int backing_id;          /* 0: none; also kept while no handle is passed (backing.h) */
	struct session *session; /* whose backing_id it is */
	struct node_io *newer, *older; /* on the shelf */
};

/* Nodes whose backing_id is kept while no handle is passed, by when the last one was. */
struct node_shelf {
	struct node_io *newest, *oldest;
	unsigned int count;
};

/* The one of all nodes that share a lock with that of @io, which is locked. */
struct node_shelf *node_shelf(struct node_io *io);

/* The node's, locked until node_unlock_io(). */
struct node_io *node_lock_io(struct node *node);
void node_unlock_io(struct node *node);

#endif
