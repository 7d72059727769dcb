/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guisefs: mounts a folder as a share that decides every access by who is really asking.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/audit.h"
#include "fs/build.h"
#include "fs/daemon.h"
#include "fs/policy.h"
#include "fs/sandbox.h"
#include "fs/session.h"
#include "fs/store/store.h"
#include "keyring/bounded.h"
#include "keyring/domain.h"
#include "keyring/resolve.h"

#ifdef __SANITIZE_ADDRESS__
/* libfuse keeps the interruption of a request that is answered already until the next request. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:fuse_ll_alloc_req\n";
}
#endif

/* ms that a worker waits for a look-up of an account */
#define DOMAIN_PATIENCE 10000

static const char usage[] =
	"usage: guisefs SOURCE MOUNTPOINT [-f] [-d] [-o OPTION[,OPTION...]]\n"
	"\n"
	"Mounts the folder SOURCE on MOUNTPOINT; every access is decided by the calling\n"
	"thread's token and the file's security descriptor.\n"
	"\n"
	"  -f             stay in the foreground, log to stderr\n"
	"  -d             debug: the same, and show every request\n"
	"  -o OPTIONS     traverse=bypass|strict       rights needed to pass through folders\n"
	"                 chmod=mask|replace|ignore|deny\n"
	"                 create-mode=private|mask|ignore|posix\n"
	"                 root=admin|squash            what uid 0 is\n"
	"                 attributes=guarded|public    whether stat needs a right\n"
	"                 list=all|readable            whether a listing shows what cannot be "
	"read\n"
	"                 backing=shared|exclusive     whether others change SOURCE, too\n"
	"                 on-move=keep|inherit         whether what is moved inherits anew\n"
	"                 handles=cached|revocable     whether open files end with their token\n"
	"                 policy=FILE                  instead of /etc/guisefs/guise.conf\n"
	"                 share=NAME                   which consents may name\n"
	"                 log=FILE                     log there instead of to syslog\n"
	"                 audit=FILE|syslog            record denials and audited accesses\n"
	"                 no_passthrough               file data through the daemon\n"
	"                 io_uring                     requests by io_uring, where none "
	"waits\n"
	"                 threads=N                    workers, 1 to 256\n"
	"                 poll=MICROSECONDS            busy waiting, 0 to 1000\n"
	"                 ro, noexec, noatime, ...     as mount(8)\n"
	"  -h, --help     this text\n"
	"  -V, --version  the version\n"
	"\n"
	"See guisefs(8).\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "guisefs: %s: %s\n", what, why);
	return 1;
}

/* A mount point that is one already would hide what is there, for everyone. */
static int check_mountpoint(const char *path)
{
	struct statx stx;

	if (statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_TYPE, &stx) < 0)
		return fail(path, errno == ENOTCONN ? "in use by a mount whose daemon has ended; "
						      "unmount it first"
						    : strerror(errno));
	if (!S_ISDIR(stx.stx_mode))
		return fail(path, "not a folder; expected a folder to mount on");
	if (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return fail(path, "in use: something is mounted there already");
	return 0;
}

static int check_host(void)
{
	if (geteuid() != 0)
		return fail("not permitted", "guisefs must be started by root");
	if (access("/dev/fuse", R_OK | W_OK) < 0)
		return fail("/dev/fuse", strerror(errno));
	return 0;
}

/* The daemon's working directory is /: what was named relative to the old one is made absolute. */
static int make_absolute(char **path)
{
	char *real = realpath(*path, NULL);

	if (!real)
		return fail(*path, strerror(errno));
	free(*path);
	*path = real;
	return 0;
}

/* The same for a file that is read again: where its links lead then, counts then. */
static int name_absolute(char **path)
{
	char *folder, *name = NULL;

	if (!*path || **path == '/')
		return 0;
	folder = getcwd(NULL, 0);
	if (!folder || asprintf(&name, "%s/%s", folder, *path) < 0)
		name = NULL;
	free(folder);
	if (!name)
		return fail(*path, "no absolute name for it");
	free(*path);
	*path = name;
	return 0;
}

static void ready(void *arg)
{
	int *fd = arg;

	if (*fd >= 0)
		daemon_ready(*fd);
	*fd = -1;
}

/*
 * The service of the host's domain, loaded before there is anything to confine.  Without it local
 * accounts go on, and the others are refused.
 */
static void prepare_domain(const struct policy *policy)
{
	const char *missing = domain_mapping_lacks(policy_mapping(policy));

	if (missing)
		audit_note("domain: only accounts of this host are known here: %s; see section "
			   "[domain] of guise.conf(5)",
			   missing);
	else if (domain_in_use())
		audit_note("domain: accounts are mapped by %s", domain_in_use());
	bounded_start(DOMAIN_PATIENCE);
}

/* From here on in the process that serves. */
static int serve(const struct options *options, struct store *store, const struct policy *policy,
		 int *ready_fd)
{
	const struct resolver_options resolver_options = {
		.squash_root = options->root == ROOT_SQUASH,
		.share = options->share,
		.policy = policy,
	};
	/* the store's nodes, which go later, know it */
	static struct session session;
	int result, err;

	session = (struct session){
		.options = options, .store = store, .ready = ready, .ready_arg = ready_fd};
	err = resolver_create(&resolver_options, &session.resolver);
	if (err < 0)
		return fail("kernel keyring", strerror(-err));
	prepare_domain(policy);
	err = sandbox_enter();
	result = err < 0 ? fail("dropping privileges", strerror(-err)) : session_run(&session);
	resolver_destroy(session.resolver);
	audit_stop();
	return result;
}

/* All that can be refused is, before anything is mounted or forked. */
static int prepare(struct options *options, struct policy **policy)
{
	int err;

	if (make_absolute(&options->mountpoint) || make_absolute(&options->source) ||
	    name_absolute(&options->policy))
		return 1;
	err = mount_policy_start(options, policy);
	if (err)
		return err;
	err = audit_open(options->log, 1);
	return err < 0 ? fail(options->log, strerror(-err)) : audit_start(options);
}

static int start_prepared(struct options *options, struct store *store, const struct policy *policy)
{
	int ready_fd = -1;

	umask(0);
	session_hold_hangup();
	if (!options->foreground) {
		ready_fd = daemon_start();
		if (ready_fd < 0)
			return fail("fork", strerror(-ready_fd));
		if (chdir("/") < 0)
			return fail("/", strerror(errno));
	}
	return serve(options, store, policy, &ready_fd);
}

static int start(struct options *options, struct store *store)
{
	struct policy *policy = NULL;
	int result = prepare(options, &policy);

	if (result == 0)
		result = start_prepared(options, store, policy);
	policy_unref(policy);
	return result;
}

static int run(struct options *options)
{
	struct store *store;
	int result;

	if (check_host() || check_mountpoint(options->mountpoint) ||
	    store_local_create(options->source, options, &store) < 0)
		return 1;
	result = start(options, store);
	store->ops->destroy(store);
	return result;
}

int main(int argc, char **argv)
{
	struct options options;
	int result = options_parse(argc, argv, &options);

	if (result == 0 && options.help)
		fputs(usage, stdout);
	else if (result == 0 && options.version)
		puts(build_text());
	else if (result == 0)
		result = run(&options);
	options_clear(&options);
	return result;
}
