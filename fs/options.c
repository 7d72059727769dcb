/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the command line.
 */
#include "fs/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/token_text.h"

#define MAX_THREADS 256
#define MAX_POLL 1000

/* Words of mount(8) that are for others, or that say what is so anyway. */
static const char *const ignored[] = {
	"defaults",    "rw",         "auto",          "noauto", "user",     "nouser",
	"users",       "nousers",    "owner",         "group",  "_netdev",  "nofail",
	"allow_other", "nosuid",     "nodev",         "async",  "exec",     "atime",
	"diratime",    "norelatime", "nostrictatime", "loud",   "relatime",
};

/* Words that mount(2) gets. */
static const char *const passed[] = {
	"ro", "noexec", "sync", "dirsync", "noatime", "nodiratime", "nosymfollow",
};

/* Options with one of a few values: which, where, and in the order of their enum. */
static const struct choice {
	const char *name;
	size_t offset;
	const char *values[5];
} choices[] = {
	{"traverse", offsetof(struct options, traverse), {"bypass", "strict"}},
	{"chmod", offsetof(struct options, chmod), {"mask", "replace", "ignore", "deny"}},
	{"create-mode",
	 offsetof(struct options, create_mode),
	 {"private", "mask", "ignore", "posix"}},
	{"root", offsetof(struct options, root), {"admin", "squash"}},
	{"attributes", offsetof(struct options, attributes), {"guarded", "public"}},
	{"list", offsetof(struct options, list), {"all", "readable"}},
	{"backing", offsetof(struct options, backing), {"shared", "exclusive"}},
	{"on-move", offsetof(struct options, on_move), {"keep", "inherit"}},
	{"handles", offsetof(struct options, handles), {"cached", "revocable"}},
};

static bool listed(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, list[i]))
			return true;
	return false;
}

static int complain(const char *word, const char *expected)
{
	fprintf(stderr, "guisefs: option %s: expected %s\n", word, expected);
	return 2;
}

static int set_choice(struct options *options, const struct choice *choice, const char *value)
{
	char expected[128] = "";
	size_t used = 0;

	for (int i = 0; choice->values[i]; i++) {
		if (!strcmp(value, choice->values[i])) {
			*(int *)((char *)options + choice->offset) = i;
			return 0;
		}
		used += (size_t)snprintf(expected + used, sizeof(expected) - used, "%s%s",
					 i ? ", " : "one of ", choice->values[i]);
	}
	fprintf(stderr, "guisefs: option %s=%s: expected %s\n", choice->name, value, expected);
	return 2;
}

static bool read_number(const char *value, unsigned int least, unsigned int most,
			unsigned int *number)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(value, &end, 10);
	if (errno || *end || end == value || *value == '-' || count < least || count > most)
		return false;
	*number = (unsigned int)count;
	return true;
}

static int set_threads(struct options *options, const char *value)
{
	return read_number(value, 1, MAX_THREADS, &options->threads)
		       ? 0
		       : complain("threads", "a number from 1 to 256");
}

static int set_poll(struct options *options, const char *value)
{
	return read_number(value, 0, MAX_POLL, &options->poll)
		       ? 0
		       : complain("poll", "a number from 0 to 1000");
}

static int set_string(char **to, const char *value)
{
	char *copy = strdup(value);

	if (!copy) {
		fprintf(stderr, "guisefs: out of memory\n");
		return 2;
	}
	free(*to);
	*to = copy;
	return 0;
}

static int add_mount_word(struct options *options, const char *word)
{
	char *words = NULL;

	if (asprintf(&words, "%s%s%s", options->mount_words ? options->mount_words : "",
		     options->mount_words ? "," : "", word) < 0)
		return 2;
	free(options->mount_words);
	options->mount_words = words;
	return 0;
}

/* name=value; 0, 2, or -1 if there is no such option. */
static int set_value(struct options *options, const char *name, size_t length, const char *value)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++)
		if (strlen(choices[i].name) == length && !strncmp(name, choices[i].name, length))
			return set_choice(options, &choices[i], value);
	if (length == 7 && !strncmp(name, "threads", 7))
		return set_threads(options, value);
	if (length == 4 && !strncmp(name, "poll", 4))
		return set_poll(options, value);
	if (length == 3 && !strncmp(name, "log", 3))
		return *value ? set_string(&options->log, value) : complain("log", "a file name");
	if (length == 5 && !strncmp(name, "audit", 5))
		return *value ? set_string(&options->audit, value)
			      : complain("audit", "a file name, or syslog");
	if (length == 6 && !strncmp(name, "policy", 6))
		return *value ? set_string(&options->policy, value)
			      : complain("policy", "a file name");
	if (length == 5 && !strncmp(name, "share", 5))
		return token_text_share_ok(value)
			       ? set_string(&options->share, value)
			       : complain("share", "1 to 64 letters, digits, '.', '_' and '-'");
	return -1;
}

static int set_word(struct options *options, const char *word)
{
	const char *equals = strchr(word, '=');
	int result = -1;

	if (!*word || !strncmp(word, "x-", 2) || !strncmp(word, "X-", 2) ||
	    !strncmp(word, "comment=", 8) ||
	    listed(word, ignored, sizeof(ignored) / sizeof(*ignored)))
		return 0;
	if (listed(word, passed, sizeof(passed) / sizeof(*passed)))
		return add_mount_word(options, word);
	if (!strcmp(word, "suid") || !strcmp(word, "dev")) {
		fprintf(stderr, "guisefs: option %s: refused, a guisefs mount is always no%s\n",
			word, word);
		return 2;
	}
	if (!strcmp(word, "passthrough") || !strcmp(word, "no_passthrough")) {
		options->passthrough = *word == 'p';
		return 0;
	}
	if (!strcmp(word, "io_uring")) {
		options->io_uring = true;
		return 0;
	}
	if (equals)
		result = set_value(options, word, (size_t)(equals - word), equals + 1);
	if (result < 0) {
		fprintf(stderr,
			"guisefs: option %s: unknown; expected one of those in guisefs(8)\n", word);
		return 2;
	}
	return result;
}

static int set_words(struct options *options, const char *words)
{
	char *copy = strdup(words), *rest = copy, *word;
	int result = copy ? 0 : 2;

	while (result == 0 && (word = strsep(&rest, ",")))
		result = set_word(options, word);
	free(copy);
	return result;
}

static int set_operands(struct options *options, int count, char **operands)
{
	if (count != 2) {
		fprintf(stderr,
			"guisefs: expected SOURCE and MOUNTPOINT, got %d operand%s; "
			"see guisefs --help\n",
			count, count == 1 ? "" : "s");
		return 2;
	}
	if (set_string(&options->source, operands[0]) ||
	    set_string(&options->mountpoint, operands[1]))
		return 2;
	return 0;
}

int options_parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int c, result = 0;

	*options = (struct options){.passthrough = true, .poll = POLL_USUAL};
	opterr = optind = 0; /* from the start, whoever used getopt before */
	while (result == 0 && (c = getopt_long(argc, argv, ":fdhVo:", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			options->foreground = true;
			break;
		case 'd':
			options->debug = options->foreground = true;
			break;
		case 'h':
			options->help = true;
			return 0;
		case 'V':
			options->version = true;
			return 0;
		case 'o':
			result = set_words(options, optarg);
			break;
		case ':':
			fprintf(stderr, "guisefs: option -%c: expected a value\n", optopt);
			return 2;
		default:
			fprintf(stderr, "guisefs: %s: unknown option; see guisefs --help\n",
				argv[optind - 1]);
			return 2;
		}
	}
	return result ? result : set_operands(options, argc - optind, argv + optind);
}

void options_clear(struct options *options)
{
	free(options->source);
	free(options->mountpoint);
	free(options->log);
	free(options->audit);
	free(options->policy);
	free(options->share);
	free(options->mount_words);
	*options = (struct options){0};
}
