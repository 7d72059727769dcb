/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast acl/ is: the access check by numbers of ACEs and token SIDs, and the forms
 * of a descriptor, beside figures of Samba 4.22's library in C, measured on the same kind of
 * machine.
 *
 *   bench-acl [SECONDS-PER-CASE]
 *
 * Where Debian's python3-samba is installed, Samba is asked here and now too, through Python
 * (samba_acl.py); the call costs it most of a microsecond.
 *
 * Each case takes the best of some rounds.  In a check no ACE but the last one matches, so that
 * every ACE is looked at; the rights asked for are all in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acl/compile.h"
#include "acl/descriptor.h"
#include "acl/inherit.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define ROUNDS 5
#define DOMAIN "S-1-5-21-1385307608-3550795005-3229212029"

/* What is measured, all of it made before. */
struct bench {
	struct token *token;
	struct descriptor *sd;
	struct compiled *compiled;
	uint8_t *bytes;
	size_t size;
	char *text;
	struct sid domain;
};

typedef void (*action)(const struct bench *bench);

static double seconds_per_case = 0.1;

static void die(const char *what)
{
	fprintf(stderr, "bench-acl: %s\n", what);
	exit(EXIT_FAILURE);
}

static void must(enum sd_error error)
{
	if (error)
		die(sd_strerror(error));
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double run_times(action act, const struct bench *bench, unsigned long times)
{
	double start = now();

	for (unsigned long i = 0; i < times; i++)
		act(bench);
	return now() - start;
}

/* Nanoseconds that @act takes, the best of the rounds. */
static double measure(action act, const struct bench *bench)
{
	unsigned long times = 16;
	double best = 1e9;

	while (run_times(act, bench, times) < seconds_per_case / ROUNDS)
		times *= 2;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		double each = run_times(act, bench, times) / (double)times;

		if (each < best)
			best = each;
	}
	return best * 1e9;
}

static struct sid account(uint32_t rid)
{
	struct sid sid;

	if (!sid_parse(DOMAIN, &sid, NULL))
		die("malformed SID");
	sid.sub[sid.sub_count++] = rid;
	return sid;
}

static struct token *make_token(size_t sids)
{
	struct sid user = account(1000);
	struct token *token = token_create(&user);

	for (uint32_t i = 1; token && i < sids; i++) {
		struct sid group = account(1000 + i);

		if (token_add_group(token, &group, SE_GROUP_ENABLED))
			token = NULL;
	}
	if (!token)
		die("no memory");
	return token;
}

/* The last ACE is the token's user's, the others nobody's. */
static struct descriptor *make_descriptor(size_t aces)
{
	struct descriptor *sd = descriptor_create();
	struct acl *dacl = acl_create();

	if (!sd || !dacl)
		die("no memory");
	sd->has_owner = sd->has_group = true;
	sd->owner = account(900);
	sd->group = account(901);
	for (uint32_t i = 1; i <= aces; i++) {
		struct sid sid = account(i == aces ? 1000 : 100000 + i);
		struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE,
					  OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE,
					  FILE_GENERIC_READ, &sid);

		must(acl_append(dacl, &ace));
	}
	descriptor_set_dacl(sd, dacl);
	return sd;
}

static struct bench bench_make(size_t sids, size_t aces)
{
	struct bench bench = {.token = make_token(sids), .sd = make_descriptor(aces)};

	sid_parse(DOMAIN, &bench.domain, NULL);
	must(compile(bench.sd, &bench.compiled));
	must(descriptor_write(bench.sd, &bench.bytes, &bench.size));
	must(sddl_write(bench.sd, &bench.domain, &bench.text));
	return bench;
}

static void bench_free(struct bench *bench)
{
	token_unref(bench->token);
	descriptor_destroy(bench->sd);
	compiled_destroy(bench->compiled);
	free(bench->bytes);
	free(bench->text);
}

static void act_check(const struct bench *bench)
{
	struct access_request request = {.token = bench->token, .wanted = FILE_GENERIC_READ};

	if (access_check_compiled(bench->compiled, &request).status != ACCESS_OK)
		die("a check was denied");
}

static void act_check_once(const struct bench *bench)
{
	if (access_check(bench->sd, bench->token, FILE_GENERIC_READ, 0).status != ACCESS_OK)
		die("a check was denied");
}

static void act_compile(const struct bench *bench)
{
	struct compiled *compiled;

	must(compile(bench->sd, &compiled));
	compiled_destroy(compiled);
}

static void act_read(const struct bench *bench)
{
	struct descriptor *sd;

	must(descriptor_read(bench->bytes, bench->size, &sd));
	descriptor_destroy(sd);
}

static void act_write(const struct bench *bench)
{
	uint8_t *bytes;
	size_t size;

	must(descriptor_write(bench->sd, &bytes, &size));
	free(bytes);
}

static void act_read_text(const struct bench *bench)
{
	struct descriptor *sd;

	must(sddl_read(bench->text, &bench->domain, &sd, NULL));
	descriptor_destroy(sd);
}

static void act_write_text(const struct bench *bench)
{
	char *text;

	must(sddl_write(bench->sd, &bench->domain, &text));
	free(text);
}

static void act_child(const struct bench *bench)
{
	struct descriptor *child;

	must(inherit_create(bench->sd, NULL, true, bench->token, &child));
	descriptor_destroy(child);
}

/* What Samba took here, by the name of the case. */
static struct {
	char name[32];
	double ns;
} here[32];

static size_t here_count;

static void ask_samba(void)
{
	FILE *samba = popen("/usr/bin/python3 " SAMBA_SCRIPT " 2>/dev/null", "r");

	if (!samba)
		return;
	while (here_count < sizeof(here) / sizeof(here[0]) &&
	       fscanf(samba, "%31s %lf", here[here_count].name, &here[here_count].ns) == 2)
		here_count++;
	pclose(samba);
}

static void put_figure(double ns)
{
	if (ns > 0)
		printf(" %10.0f ns", ns);
	else
		printf(" %13s", "-");
}

/* A line: here, Samba as recorded (0: not), how many times faster, Samba here if asked. */
static void report(const char *what, const char *name, double ns, double peer)
{
	double samba = 0;

	for (size_t i = 0; i < here_count; i++) {
		if (strcmp(here[i].name, name) == 0)
			samba = here[i].ns;
	}
	printf("%-32s %10.1f ns", what, ns);
	put_figure(peer);
	if (peer > 0)
		printf(" %7.1f x", peer / ns);
	else
		printf(" %9s", "-");
	put_figure(samba);
	putchar('\n');
}

static void bench_checks(void)
{
	static const struct {
		size_t sids, aces;
		double peer; /* Samba's se_access_check(), in C */
	} cases[] = {
		{12, 1, 87},    {12, 8, 400},     {12, 16, 750}, {12, 64, 2800},
		{50, 16, 3100}, {200, 64, 49000}, {2000, 64, 0}, {12, 1000, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench bench = bench_make(cases[i].sids, cases[i].aces);
		char what[64], name[64];

		snprintf(what, sizeof(what), "check, %zu SIDs x %zu ACEs", cases[i].sids,
			 cases[i].aces);
		snprintf(name, sizeof(name), "check-%zu-%zu", cases[i].sids, cases[i].aces);
		report(what, name, measure(act_check, &bench), cases[i].peer);
		bench_free(&bench);
	}
}

static void bench_forms(void)
{
	static const struct {
		const char *what, *name;
		action act;
		double peer;
	} cases[] = {
		{"compile and check once", "once", act_check_once, 400},
		{"compile", "compile", act_compile, 0},
		{"read binary", "read", act_read, 1300},
		{"write binary", "write", act_write, 1400},
		{"read SDDL", "read-text", act_read_text, 3800},
		{"write SDDL", "write-text", act_write_text, 21000},
		{"a child's descriptor", "child", act_child, 3100},
	};
	struct bench bench = bench_make(12, 8);

	printf("with 8 ACEs (and 12 SIDs):\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		report(cases[i].what, cases[i].name, measure(cases[i].act, &bench), cases[i].peer);
	bench_free(&bench);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seconds_per_case = strtod(argv[1], NULL);
	if (argc > 2 || !(seconds_per_case > 0)) {
		fprintf(stderr, "usage: bench-acl [SECONDS-PER-CASE]\n");
		return 2;
	}
	ask_samba();
	printf("%-32s %13s %13s %9s %13s\n", "", "guisefs", "Samba 4.22", "faster", "Samba here");
	bench_checks();
	bench_forms();
	return EXIT_SUCCESS;
}
