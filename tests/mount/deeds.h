/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What players can do; see cast.h. */
#ifndef GUISE_TESTS_DEEDS_H
#define GUISE_TESTS_DEEDS_H

#include "tests/mount/cast.h"

/* longest text that goes in or out */
#define DEED_TEXT 6000

/* deeds_library.c */
long do_grant_with(const char *text, long number, char *said);
long do_restrict(const char *text, long number, char *said);
long do_issue(const char *text, long number, char *said);
long do_list(const char *text, long number, char *said);
long do_query(const char *text, long number, char *said);
long do_check(const char *text, long number, char *said);
long do_check_fd(const char *text, long number, char *said);
long do_get_access(const char *text, long number, char *said);
long do_get_sddl(const char *text, long number, char *said);
long do_get_check(const char *text, long number, char *said);
long do_current(const char *text, long number, char *said);
long do_assert_self(const char *text, long number, char *said);
long do_announce_self(const char *text, long number, char *said);
long do_with_read(const char *text, long number, char *said);
long do_with_other(const char *text, long number, char *said);
long do_capture(const char *text, long number, char *said);
long do_resume_read(const char *text, long number, char *said);

long deed_do(enum deed deed, const char *text, long number, char *said);

/* deeds_handle.c */
long do_use_fd(const char *text, long number, char *said);

/* deeds_context.c */
long do_role(const char *text, long number, char *said);
long do_context(const char *text, long number, char *said);
long do_import(const char *text, long number, char *said);
long do_import_role(const char *text, long number, char *said);
long do_read_key(const char *text, long number, char *said);

#endif
