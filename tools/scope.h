/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which objects a command is about: the options that all commands share which go through paths.
 *
 *   -R, --recursive        the paths and all below them
 *   -P, --physical         symbolic links are objects of their own (the default with -R)
 *   -L, --logical          symbolic links are followed (the default without -R)
 *   -x, --one-file-system  stay on the file system of each path
 *   --files-from FILE      the paths stand in FILE ("-": standard input), one a line
 *   -0, --null             … or each ended by a NUL
 *   --continue             go on after a path that failed
 *   --resume FILE          go on where the same command came to, as it is kept in FILE
 *   --progress             say how far it has come, also where that is not a terminal
 *   --descriptor           the paths are files that hold a descriptor, and "-" is always one
 *   --folder               such a descriptor is a folder's
 */
#ifndef GUISE_TOOLS_SCOPE_H
#define GUISE_TOOLS_SCOPE_H

#include <getopt.h>
#include <stdbool.h>

enum scope_links {
	LINKS_DEFAULT,
	LINKS_PHYSICAL,
	LINKS_LOGICAL,
};

struct scope {
	bool recursive;
	enum scope_links links;
	bool one_file_system;
	bool null;
	bool keep_going;
	bool descriptor;
	bool folder;
	bool progress;
	const char *files_from;
	const char *resume;
};

/* values of the options that have no letter */
enum scope_value {
	SCOPE_FILES_FROM = 0x100,
	SCOPE_CONTINUE,
	SCOPE_RESUME,
	SCOPE_PROGRESS,
	SCOPE_DESCRIPTOR,
	SCOPE_FOLDER,
	SCOPE_END, /* a command's own begin here */
};

/* for a table of options */
#define SCOPE_OPTIONS                                                                              \
	{"recursive", no_argument, NULL, 'R'}, {"physical", no_argument, NULL, 'P'},               \
		{"logical", no_argument, NULL, 'L'}, {"one-file-system", no_argument, NULL, 'x'},  \
		{"files-from", required_argument, NULL, SCOPE_FILES_FROM},                         \
		{"null", no_argument, NULL, '0'}, {"continue", no_argument, NULL, SCOPE_CONTINUE}, \
		{"resume", required_argument, NULL, SCOPE_RESUME},                                 \
		{"progress", no_argument, NULL, SCOPE_PROGRESS},                                   \
		{"descriptor", no_argument, NULL, SCOPE_DESCRIPTOR},                               \
	{                                                                                          \
		"folder", no_argument, NULL, SCOPE_FOLDER                                          \
	}
#define SCOPE_LETTERS "RPLx0"

/* Takes @option, as command_option() gave it, if it is one of these. */
bool scope_option(struct scope *scope, int option);

/*
 * Do the options, and @count paths, go together?  STATUS_OK, or STATUS_USAGE, having reported why.
 */
int scope_check(const struct scope *scope, int count);

/* Are symbolic links followed that a path names, and those that lie in a folder? */
bool scope_follows_named(const struct scope *scope);
bool scope_follows_found(const struct scope *scope);

/* Is @path that of a file that holds a descriptor, or standard input? */
bool scope_is_specimen(const struct scope *scope, const char *path);

#endif
