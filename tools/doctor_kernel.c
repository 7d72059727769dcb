/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: what the kernel gives.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "text.h"

static const char device[] = "device";
static const char kernel[] = "kernel";
static const char passthrough[] = "passthrough";
static const char namespaces[] = "namespaces";
static const char host_clock[] = "clock";

void check_device(const struct host *host, struct report *report)
{
	TEXT_CLEANUP char *path = NULL;
	struct stat st;

	if (asprintf(&path, "%s/dev/fuse", host->root) < 0) {
		path = NULL;
		report->incomplete = true;
	} else if (stat(path, &st) < 0) {
		report_add(report, device, SEVERITY_PROBLEM, "Without it nothing can be mounted.",
			   "modprobe fuse; for a container, give it the device /dev/fuse",
			   "/dev/fuse: %s", strerror(errno));
	} else if (!S_ISCHR(st.st_mode)) {
		report_add(report, device, SEVERITY_PROBLEM, "Without it nothing can be mounted.",
			   "remove what is there, and modprobe fuse",
			   "/dev/fuse is not a character device");
	} else if (!host->user && faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0) {
		report_add(report, device, SEVERITY_PROBLEM, "Mounts cannot be made from here.",
			   "look at its mode, and at the device rules of the container",
			   "/dev/fuse cannot be opened: %s", strerror(errno));
	} else {
		report_add(report, device, SEVERITY_OK, NULL, NULL, "/dev/fuse is there");
	}
}

static bool at_least(const char *release, int major, int minor)
{
	int have_major = 0, have_minor = 0;

	if (sscanf(release, "%d.%d", &have_major, &have_minor) != 2)
		return false;
	return have_major > major || (have_major == major && have_minor >= minor);
}

void check_kernel(const struct host *host, struct report *report)
{
	if (!at_least(host->release, 5, 8))
		report_add(report, kernel, SEVERITY_PROBLEM,
			   "guisefs needs Linux 5.8 to tell callers and mounts apart.",
			   "use a newer kernel", "Linux %s", host->release);
	else
		report_add(report, kernel, SEVERITY_OK, NULL, NULL, "Linux %s", host->release);
}

/* Was the kernel built without it, as far as that can be told? */
static bool configured_out(const struct host *host)
{
	TEXT_CLEANUP char *path = NULL, *text = NULL;

	if (asprintf(&path, "/boot/config-%s", host->release) < 0)
		path = NULL;
	text = path ? doctor_text(host, path) : NULL;
	return text && !strstr(text, "CONFIG_FUSE_PASSTHROUGH=y");
}

void check_passthrough(const struct host *host, struct report *report)
{
	static const char means[] = "File data goes through the daemon: all works, but reading and "
				    "writing is slower.";

	if (!at_least(host->release, 6, 9))
		report_add(report, passthrough, SEVERITY_NOTE, means,
			   "use Linux 6.9 or newer, if speed matters",
			   "Linux %s has no passthrough for FUSE", host->release);
	else if (configured_out(host))
		report_add(report, passthrough, SEVERITY_NOTE, means,
			   "use a kernel with CONFIG_FUSE_PASSTHROUGH, if speed matters",
			   "this kernel was built without passthrough for FUSE");
	else if (host->build && !strstr(host->build, "passthrough"))
		report_add(report, passthrough, SEVERITY_NOTE, means,
			   "build guisefs with libfuse 3.17 or newer (tools/deps gets one)",
			   "guisefs was built without it: %s", host->build);
	else if (host->build)
		report_add(report, passthrough, SEVERITY_OK, NULL, NULL,
			   "kernel and guisefs have it: %s", host->build);
}

/* One switch that keeps users from having namespaces of their own. */
static bool switched(const struct host *host, const char *path, long long forbids)
{
	long long number;

	return doctor_number(host, path, &number) && number == forbids;
}

void check_namespaces(const struct host *host, struct report *report)
{
	static const char means[] = "guise run does not work for those whom this keeps from user "
				    "namespaces.";

	if (switched(host, "/proc/sys/user/max_user_namespaces", 0))
		report_add(report, namespaces, SEVERITY_WARNING, means,
			   "sysctl -w user.max_user_namespaces=10000",
			   "user.max_user_namespaces is 0");
	else if (switched(host, "/proc/sys/kernel/unprivileged_userns_clone", 0))
		report_add(report, namespaces, SEVERITY_WARNING, means,
			   "sysctl -w kernel.unprivileged_userns_clone=1",
			   "kernel.unprivileged_userns_clone is 0");
	else if (switched(host, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 1))
		report_add(report, namespaces, SEVERITY_WARNING, means,
			   "give guise an AppArmor profile with \"userns,\"",
			   "AppArmor restricts user namespaces");
	else
		report_add(report, namespaces, SEVERITY_OK, NULL, NULL,
			   "users may have user namespaces");
}

void check_clock(const struct host *host, struct report *report)
{
	static const char means[] = "Tokens end by the clock, and Kerberos refuses clocks that are "
				    "five minutes apart.";

	if (host->now < 1735689600) /* 2025 */
		report_add(report, host_clock, SEVERITY_PROBLEM, means, "set the clock",
			   "the clock is years behind");
	else if (host->clock_unsynced)
		report_add(report, host_clock, SEVERITY_NOTE, means,
			   "run a time service, or ignore this if something outside keeps the time",
			   "no time service of this kernel says that the clock is right");
	else
		report_add(report, host_clock, SEVERITY_OK, NULL, NULL, "the clock is kept");
}
