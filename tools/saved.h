/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of saved descriptors, guise-save(5) or as icacls writes them: one record an object.
 * Records are written and read one after another, so that memory does not grow with their number.
 */
#ifndef GUISE_TOOLS_SAVED_H
#define GUISE_TOOLS_SAVED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <nettle/sha2.h>

#include "acl/descriptor.h"

/* the longest line that is read; a path and a descriptor need less */
#define SAVED_LINE_MAX (1u << 20)

/* types of objects, as letters; icacls does not write them */
#define SAVED_FOLDER 'd'
#define SAVED_UNKNOWN '?'

struct saved {
	char *path;            /* below the saved one: "." or "a/b"; owned */
	char type;             /* 'd', 'f', 'l', 'p', 's', 'b', 'c' or SAVED_UNKNOWN */
	bool implied;          /* none was stored; @sd is what mode and POSIX ACL implied */
	struct descriptor *sd; /* owned */
	size_t line;           /* where it stands */
};

void saved_clear(struct saved *saved);

#define SAVED_CLEANUP __attribute__((cleanup(saved_clear)))

/* The letter for the type in @mode; SAVED_UNKNOWN if there is none. */
char saved_type(mode_t mode);

/* Writing guise-save(5). */
struct saved_writer {
	FILE *file;
	struct sha256_ctx hash;
	uint64_t count;
};

/* Writes what comes first: @path is what is saved, @sacl whether SACLs are.  0 or -errno each. */
int saved_begin(struct saved_writer *writer, FILE *file, const char *path, bool sacl);
int saved_put(struct saved_writer *writer, const struct saved *saved);
/* Notes that @path could not be saved, and why. */
int saved_note(struct saved_writer *writer, const char *path, const char *why);
int saved_end(struct saved_writer *writer);

enum saved_format {
	SAVED_GUISE,
	SAVED_ICACLS,
};

/* Reading either. */
struct saved_reader {
	FILE *file;
	enum saved_format format;
	const struct sid *domain; /* of aliases in an icacls file; NULL: they are refused */
	bool sacl;                /* the SACLs of what was saved are in it */
	char *path;               /* what was saved, owned; NULL if it is not said */
	size_t line;              /* the last one that was read */
	const char *fault;        /* what is wrong there, in words (static string) */
	bool complete;            /* the end was as it must be */
	uint64_t count;
	uint8_t digest[SHA256_DIGEST_SIZE]; /* of all that was read */
	struct sha256_ctx hash;
	char *text; /* of the line, owned */
	size_t room, length;
	bool wide;         /* UTF-16 */
	bool ended;        /* nothing follows */
	bool after_return; /* the last line ended with a carriage return */
};

/*
 * Begins to read @file, in whichever format it is.  0, or -errno: -EBADMSG, with reader->fault, if
 * it is none of them.
 */
int saved_open(struct saved_reader *reader, FILE *file, const struct sid *domain);

/*
 * The next record, which the caller clears.  1, 0 at the end, or -errno: -EBADMSG, with
 * reader->fault and reader->line, where the file is wrong.
 */
int saved_next(struct saved_reader *reader, struct saved *saved);

void saved_close(struct saved_reader *reader);

/* Private to the readers. */
int saved_open_icacls(struct saved_reader *reader);
int saved_next_icacls(struct saved_reader *reader, struct saved *saved);
int saved_line(struct saved_reader *reader); /* 1 (reader->text), 0 at the end, -errno */
int saved_add(struct saved_reader *reader, const char *bytes, size_t length);
int saved_fail(struct saved_reader *reader, const char *fault);
int saved_read_sddl(struct saved_reader *reader, const char *text, struct saved *saved);

#endif
