/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mounting, negotiating with the kernel, serving, unmounting.
 */
#include "fs/session.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "fs/front.h"
#include "fs/linger.h"
#include "fs/policy.h"
#include "fs/store/store.h"
#include "fs/transport.h"
#include "fs/workers.h"
#include "keyring/resolve.h"

#define HOUSEKEEPING_SECONDS 2

/* So many workers may be held up for a while in the backing filesystem or by a look-up. */
#define MIN_THREADS 16u

/* requests that nobody waits for and that we may be given at a time */
#define MAX_BACKGROUND 512u

static bool offered(const struct fuse_conn_info *conn, unsigned int feature)
{
	return conn->capable & feature;
}

static void want(struct fuse_conn_info *conn, unsigned int feature)
{
	if (offered(conn, feature))
		conn->want |= feature;
}

void session_negotiate(struct session *session, struct fuse_conn_info *conn)
{
	/*
	 * Never: anything that lets the kernel decide access or skip asking at open.
	 * Not splice either: it is slower here.
	 */
	conn->want &= ~(unsigned int)(FUSE_CAP_POSIX_ACL | FUSE_CAP_WRITEBACK_CACHE |
				      FUSE_CAP_NO_OPEN_SUPPORT | FUSE_CAP_NO_OPENDIR_SUPPORT |
				      FUSE_CAP_POSIX_LOCKS | FUSE_CAP_FLOCK_LOCKS |
				      FUSE_CAP_EXPORT_SUPPORT | FUSE_CAP_IOCTL_DIR |
				      FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_SPLICE_READ |
				      FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
#ifdef FUSE_CAP_DIRECT_IO_ALLOW_MMAP
	conn->want &= ~(unsigned int)FUSE_CAP_DIRECT_IO_ALLOW_MMAP;
#endif
#ifdef FUSE_CAP_OVER_IO_URING
	/* libfuse would also start it for a variable in the environment */
	if (!session->uring)
		conn->want &= ~(unsigned int)FUSE_CAP_OVER_IO_URING;
#endif
	/*
	 * Closing a file is such a request.  With less than there are threads that open and close
	 * files, more would be opened than closed: the rest waits in the kernel, and the files stay
	 * open.
	 */
	conn->max_background = MAX_BACKGROUND;
	want(conn, FUSE_CAP_ATOMIC_O_TRUNC);
	want(conn, FUSE_CAP_ASYNC_READ);
	want(conn, FUSE_CAP_AUTO_INVAL_DATA);
	want(conn, FUSE_CAP_DONT_MASK); /* inheritance is law: the umask has no say */
	want(conn, FUSE_CAP_PARALLEL_DIROPS);
	want(conn, FUSE_CAP_READDIRPLUS);
	want(conn, FUSE_CAP_READDIRPLUS_AUTO);
#ifdef FUSE_CAP_HANDLE_KILLPRIV_V2
	/* The daemon writes without CAP_FSETID, so that the backing kernel clears suid and sgid. */
	want(conn, FUSE_CAP_HANDLE_KILLPRIV_V2);
#endif
#ifdef HAVE_FUSE_PASSTHROUGH
	/* what passes the daemon by cannot be taken back */
	if (session->options->passthrough && session->options->handles == HANDLES_CACHED &&
	    offered(conn, FUSE_CAP_PASSTHROUGH)) {
		conn->want |= FUSE_CAP_PASSTHROUGH;
		conn->max_backing_stack_depth = 1;
		session->passthrough = true;
	}
#endif
}

struct housekeeper {
	pthread_t thread;
	int end;    /* an eventfd that says when */
	int hangup; /* a signalfd: SIGHUP */
	struct session *session;
};

static sigset_t hangup_alone(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	return set;
}

void session_hold_hangup(void)
{
	sigset_t set = hangup_alone();

	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Several that came meanwhile are one. */
static void hangup_take(const struct housekeeper *keeper)
{
	struct signalfd_siginfo info;
	struct policy_fault fault;

	if (read(keeper->hangup, &info, sizeof(info)) == (ssize_t)sizeof(info))
		(void)mount_policy_reload(keeper->session, &fault);
}

static void *keep_house(void *arg)
{
	const struct housekeeper *keeper = arg;
	struct store *store = keeper->session->store;
	struct pollfd fds[] = {{keeper->end, POLLIN, 0}, {keeper->hangup, POLLIN, 0}};

	while (!fds[0].revents) {
		if (poll(fds, 2, HOUSEKEEPING_SECONDS * 1000) > 0 && fds[1].revents)
			hangup_take(keeper);
		resolver_housekeep(keeper->session->resolver);
		if (store->ops->housekeep)
			store->ops->housekeep(store);
	}
	return NULL;
}

static void housekeeper_close(struct housekeeper *keeper)
{
	if (keeper->end >= 0)
		close(keeper->end);
	if (keeper->hangup >= 0)
		close(keeper->hangup);
}

/* The housekeeping thread takes no signals: they end the main loop.  SIGHUP it reads. */
static int housekeeper_start(struct housekeeper *keeper, struct session *session)
{
	sigset_t all, old, hangup = hangup_alone();
	int err = EMFILE;

	keeper->session = session;
	keeper->end = eventfd(0, EFD_CLOEXEC);
	keeper->hangup = signalfd(-1, &hangup, SFD_CLOEXEC | SFD_NONBLOCK);
	if (keeper->end >= 0 && keeper->hangup >= 0) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		err = pthread_create(&keeper->thread, NULL, keep_house, keeper);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	if (err)
		housekeeper_close(keeper);
	return -err;
}

static void housekeeper_stop(struct housekeeper *keeper)
{
	eventfd_write(keeper->end, 1);
	pthread_join(keeper->thread, NULL);
	housekeeper_close(keeper);
}

static unsigned int thread_count(const struct options *options)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int wanted = processors > 0 ? (unsigned int)processors + 1 : MIN_THREADS;

	if (options->threads)
		return options->threads;
	return wanted < MIN_THREADS ? MIN_THREADS : wanted;
}

static unsigned int linger(const struct options *options)
{
	return options->poll == POLL_USUAL ? linger_usual() : options->poll;
}

/* What comes over io_uring is served by threads of libfuse's, and so is the rest then. */
static int serve_uring(struct fuse_session *fuse, unsigned int threads)
{
	struct fuse_loop_config *config = fuse_loop_cfg_create();
	int err;

	if (!config)
		return -ENOMEM;
	fuse_loop_cfg_set_max_threads(config, threads);
	err = fuse_session_loop_mt(fuse, config);
	fuse_loop_cfg_destroy(config);
	/* a signal to end is no error */
	return err < 0 ? err : 0;
}

static int serve(struct session *session, struct fuse_session *fuse)
{
	unsigned int threads = thread_count(session->options);
	struct housekeeper keeper = {0};
	int err = housekeeper_start(&keeper, session);

	if (err == 0) {
		err = session->uring ? serve_uring(fuse, threads)
				     : workers_run(fuse, threads, linger(session->options));
		housekeeper_stop(&keeper);
	}
	if (err < 0)
		fprintf(stderr, "guisefs: cannot serve: %s\n", strerror(-err));
	return err < 0 ? 1 : 0;
}

/* A comma would end a mount option, a backslash begins an escape. */
static char *escaped(const char *text)
{
	char *out = malloc(2 * strlen(text) + 1), *at = out;

	for (; out && *text; text++) {
		if (*text == ',' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	if (out)
		*at = '\0';
	return out;
}

static struct fuse_session *session_open(struct session *session)
{
	const struct options *options = session->options;
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *fuse = NULL;
	char *name = escaped(options->source), *words = NULL;

	if (name &&
	    asprintf(&words, "%sallow_other,nosuid,nodev,subtype=guisefs,fsname=%s%s%s",
		     session->uring ? "io_uring," : "", name, options->mount_words ? "," : "",
		     options->mount_words ? options->mount_words : "") >= 0 &&
	    fuse_opt_add_arg(&args, "guisefs") == 0 && fuse_opt_add_arg(&args, "-o") == 0 &&
	    fuse_opt_add_arg(&args, words) == 0 &&
	    (!options->debug || fuse_opt_add_arg(&args, "-d") == 0))
		fuse = fuse_session_new(&args, &front_ops, sizeof(front_ops), session);
	fuse_opt_free_args(&args);
	free(name);
	free(words);
	return fuse;
}

int session_run(struct session *session)
{
	struct fuse_session *fuse;
	int result = 1;

	session->uring = transport_is_uring(session);
	fuse = session_open(session);

	if (!fuse) {
		fprintf(stderr, "guisefs: cannot set up a FUSE session\n");
		return 1;
	}
	session->fuse = fuse;
	if (getrandom(&session->node_mask, sizeof(session->node_mask), 0) < 0)
		session->node_mask = 0;
	if (fuse_set_signal_handlers(fuse) == 0) {
		if (fuse_session_mount(fuse, session->options->mountpoint) == 0) {
			result = serve(session, fuse);
			fuse_session_unmount(fuse);
		} else {
			fprintf(stderr, "guisefs: %s: cannot mount\n",
				session->options->mountpoint);
		}
		fuse_remove_signal_handlers(fuse);
	}
	session->fuse = NULL;
	fuse_session_destroy(fuse);
	return result;
}
