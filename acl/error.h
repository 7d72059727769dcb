/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What can be wrong with a descriptor, in one enum with its strings in one
 * place.  Functions of acl/ that can fail return one of these; 0 is success.
 */
#ifndef GUISE_ACL_ERROR_H
#define GUISE_ACL_ERROR_H

enum sd_error {
	SD_OK = 0,
	SD_NO_MEMORY,
	SD_TRUNCATED,     /* bytes end before the structure does */
	SD_BAD_REVISION,  /* revision other than those [MS-DTYP] defines */
	SD_BAD_OFFSET,    /* an offset points outside, into the header, or is unaligned */
	SD_OVERLAP,       /* two parts share bytes */
	SD_BAD_SID,       /* malformed SID */
	SD_BAD_ACL,       /* ACL size or count contradicts its contents */
	SD_BAD_ACE,       /* ACE size contradicts its contents */
	SD_NOT_RELATIVE,  /* SE_SELF_RELATIVE is clear */
	SD_TOO_LARGE,     /* more than fits the format or the limits of this library */
	SD_BAD_SYNTAX,    /* text does not follow the grammar (see struct sddl_fault) */
	SD_NO_TEXT,       /* the descriptor has parts that SDDL cannot express */
	SD_BAD_NTACL,     /* not a security.NTACL blob of a known version */
	SD_BAD_POSIX_ACL, /* not a valid POSIX ACL */
	SD_ERROR_COUNT
};

/* A lower-case English phrase for @error, without a full stop; never NULL. */
const char *sd_strerror(enum sd_error error);

/* The errno (positive) that stands for @error outside of acl/. */
int sd_errno(enum sd_error error);

#endif
