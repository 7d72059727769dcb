/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guise doctor: the kernel keyring, in which consents and impersonation live.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "text.h"

/* what Linux has by default */
#define MAXKEYS 200
#define MAXBYTES 20000
#define ROOT_MAXKEYS 1000000
#define ROOT_MAXBYTES 25000000
/* one in how many of a quota may be left before it is said */
#define LITTLE 5

static const char keyring[] = "keyring";
static const char quota[] = "quota";

void check_keyring(const struct host *host, struct report *report)
{
	static const char means[] =
		"There are no consents and no impersonation, and no mount starts.";

	if (!host->keyring)
		report_add(report, keyring, SEVERITY_OK, NULL, NULL, "keys can be made and read");
	else if (host->keyring == ENOSYS)
		report_add(report, keyring, SEVERITY_PROBLEM, means,
			   "use a kernel with CONFIG_KEYS; in a container, allow the system calls "
			   "add_key, keyctl and request_key",
			   "there are no keyrings here");
	else if (host->keyring == EPERM || host->keyring == EACCES)
		report_add(report, keyring, SEVERITY_PROBLEM, means,
			   "in a container, allow the system calls add_key, keyctl and request_key "
			   "in its seccomp profile",
			   "keys cannot be made: %s", strerror(host->keyring));
	else if (host->keyring == EDQUOT)
		report_add(report, keyring, SEVERITY_PROBLEM,
			   "You can neither consent nor impersonate.",
			   "revoke token keys (guise token list), or raise kernel.keys.maxkeys and "
			   "kernel.keys.maxbytes",
			   "your quota of keys is used up");
	else
		report_add(report, keyring, SEVERITY_PROBLEM, means, NULL,
			   "keys cannot be made: %s", strerror(host->keyring));
}

void check_quota(const struct host *host, struct report *report)
{
	static const struct {
		const char *name;
		long long usual;
		const char *means, *advice;
	} quotas[] = {
		{"maxkeys", MAXKEYS,
		 "Each consent takes a key of its user's quota: few can be given at a time.",
		 "sysctl -w kernel.keys.maxkeys=200, or more for many clients"},
		{"maxbytes", MAXBYTES,
		 "Each thread that impersonates takes some bytes of its server's quota.",
		 "sysctl -w kernel.keys.maxbytes=20000, or more for servers of many threads"},
		{"root_maxkeys", ROOT_MAXKEYS,
		 "What threads announce to the mounts is charged to root.",
		 "sysctl -w kernel.keys.root_maxkeys=1000000"},
		{"root_maxbytes", ROOT_MAXBYTES,
		 "What threads announce to the mounts is charged to root.",
		 "sysctl -w kernel.keys.root_maxbytes=25000000"},
	};
	bool small = false, any = false;

	for (size_t i = 0; i < sizeof(quotas) / sizeof(quotas[0]); i++) {
		char path[64];
		long long number;

		snprintf(path, sizeof(path), "/proc/sys/kernel/keys/%s", quotas[i].name);
		if (!doctor_number(host, path, &number))
			continue;
		any = true;
		if (number >= quotas[i].usual)
			continue;
		small = true;
		report_add(report, quota, SEVERITY_WARNING, quotas[i].means, quotas[i].advice,
			   "kernel.keys.%s is %lld, which is less than Linux's own %lld",
			   quotas[i].name, number, quotas[i].usual);
	}
	if (any && !small)
		report_add(report, quota, SEVERITY_OK, NULL, NULL,
			   "the quotas of keys are not below Linux's own");
}

static bool scarce(long long used, long long most)
{
	return most > 0 && most - used < most / LITTLE;
}

/* "uid: usage keys/instantiated count/maxkeys bytes/maxbytes" */
static bool judge_user(const char *line, struct report *report)
{
	long long uid, keys, maxkeys, bytes, maxbytes;

	if (sscanf(line, " %lld: %*d %*d/%*d %lld/%lld %lld/%lld", &uid, &keys, &maxkeys, &bytes,
		   &maxbytes) != 5 ||
	    (!scarce(keys, maxkeys) && !scarce(bytes, maxbytes)))
		return false;
	report_add(report, quota, SEVERITY_WARNING,
		   "When it is used up, this user's consents and impersonations are refused.",
		   "revoke token keys that nobody needs, or raise kernel.keys.*",
		   "user %lld has %lld of %lld keys, %lld of %lld bytes", uid, keys, maxkeys, bytes,
		   maxbytes);
	return true;
}

void check_quota_use(const struct host *host, struct report *report)
{
	TEXT_CLEANUP char *text = doctor_text(host, "/proc/key-users");
	char *next = text, *line;
	bool any = false;

	if (!text)
		return;
	while ((line = strsep(&next, "\n")))
		any |= judge_user(line, report);
	if (!any)
		report_add(report, quota, SEVERITY_OK, NULL, NULL,
			   "nobody who can be seen from here is near the end of a quota");
}
