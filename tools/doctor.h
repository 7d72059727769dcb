/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: checks of a host, its mounts and backing folders, and what they find.
 *
 * A check is given all that it judges: a struct host, whose files lie below a folder
 * that is "/" unless it is a test's; or what was learned of a mount or a backing folder.
 */
#ifndef GUISE_TOOLS_DOCTOR_H
#define GUISE_TOOLS_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* in the order of gravity */
enum severity {
	SEVERITY_OK,
	SEVERITY_NOTE,    /* worth knowing; all is well */
	SEVERITY_WARNING, /* something does less than one may expect */
	SEVERITY_PROBLEM, /* something does not work, or does not protect */
};

#define SEVERITIES 4

struct finding {
	const char *check; /* static */
	enum severity severity;
	char *what;         /* what was found */
	const char *means;  /* static; NULL if all is well */
	const char *advice; /* what to do; static, NULL if nothing */
};

struct report {
	struct finding *findings;
	size_t count, room;
	bool incomplete; /* there was no memory */
};

/* Adds a finding; @format is what was found. */
void report_add(struct report *report, const char *check, enum severity severity, const char *means,
		const char *advice, const char *format, ...) __attribute__((format(printf, 6, 7)));

enum severity report_worst(const struct report *report);
const char *severity_name(enum severity severity);
void report_print_text(const struct report *report);
/* 0 or -ENOMEM. */
int report_print_json(const struct report *report);
void report_clear(struct report *report);

/* Writes what was found to @fd, for report_take() in the process that forked this one.  0, -errno.
 */
int report_send(const struct report *report, int fd);
void report_take(struct report *report, const char *bytes, size_t size);

struct host {
	const char *root;    /* what comes before the names of files: "" but in tests */
	const char *release; /* of the kernel: "6.1.0-18-amd64" */
	const char *policy;  /* the policy file */
	const char *build; /* what `guisefs --version` prints; NULL if there is none to be found */
	const char *version; /* of guise */
	bool user;           /* who asks is not root, and need not be able to do all */
	int keyring;         /* the errno of making and reading a key, or 0 */
	bool clock_unsynced; /* the kernel was not told that its clock is right */
	long long now;       /* seconds since the epoch */
};

/* What a mount answers. */
struct mount {
	const char *point, *source;
	bool by_root;
	int error;         /* the errno of asking it, or 0; ETIMEDOUT if it did not answer */
	const char *build; /* which program serves it; NULL if it does not know the question */
};

/* A folder on the way to a backing folder; the last one is that itself. */
struct step {
	const char *path;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool listed; /* has a POSIX ACL */
};

/* What the filesystem of a backing folder can do: errnos, or 0. */
struct abilities {
	const char *path;
	int handles, descriptors, lists;
	bool read_only;
};

/* The checks of the host. */
void check_device(const struct host *host, struct report *report);
void check_kernel(const struct host *host, struct report *report);
void check_passthrough(const struct host *host, struct report *report);
void check_program(const struct host *host, struct report *report);
void check_keyring(const struct host *host, struct report *report);
void check_quota(const struct host *host, struct report *report);
void check_quota_use(const struct host *host, struct report *report);
void check_namespaces(const struct host *host, struct report *report);
void check_lock(const struct host *host, struct report *report);
void check_policy(const struct host *host, struct report *report);
void check_clock(const struct host *host, struct report *report);
void check_daemons(const struct host *host, struct report *report);

/* Of a mount, and of a backing folder. */
void check_mount(const struct host *host, const struct mount *mount, struct report *report);
void check_exposure(const struct step *steps, size_t count, struct report *report);
void check_abilities(const struct abilities *abilities, struct report *report);

/*
 * Which other mounts of @mountinfo (the text of /proc/self/mountinfo) show the folder @path, which
 * is on the mount numbered @id?
 */
void check_other_mounts(const char *mountinfo, uint64_t id, const char *path,
			struct report *report);

/*
 * The guisefs mount at @point, or with NULL all of them, and their backing folders; returns how
 * many there were, or -errno.
 */
int doctor_mounts(const struct host *host, const char *point, struct report *report);

/* A backing folder by its path. */
void doctor_backing(const struct host *host, const char *path, struct report *report);

/* Says of a path that whoever looks at it waits for ever. */
void doctor_no_answer(const char *path, struct report *report);

/* The first line of a file of @host (caller frees); NULL if it cannot be read. */
char *doctor_line(const struct host *host, const char *path);

/* The number that a file of @host holds. */
bool doctor_number(const struct host *host, const char *path, long long *number);

/* All of a file of @host (caller frees); NULL if it cannot be read. */
char *doctor_text(const struct host *host, const char *path);

#endif
