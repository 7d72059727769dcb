/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What becomes of a descriptor whose object goes from one folder to another.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/inherit.h"
#include "acl/sddl.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OWNER "O:S-1-22-1-1001"

static struct descriptor *read_sddl(const char *text)
{
	struct descriptor *sd;

	ck_assert_msg(sddl_read(text, NULL, &sd, NULL) == SD_OK, "%s", text);
	return sd;
}

/* @after NULL: it stays as it is. */
static const struct {
	const char *from, *to, *child, *after;
	bool folder;
} moves[] = {
	/* inherited ACEs are replaced, explicit ones stay */
	{"D:AI(A;OICI;FA;;;BA)", "D:AI(A;OICI;FR;;;WD)", "D:AI(A;ID;FA;;;BA)", "D:AI(A;ID;FR;;;WD)",
	 false},
	{"D:AI", "D:AI(A;OICI;FR;;;WD)", "D:AI(D;;FW;;;BG)(A;ID;FA;;;BA)",
	 "D:AI(D;;FW;;;BG)(A;ID;FR;;;WD)", false},
	{"D:AI", "D:AI(A;OICI;FR;;;WD)", "D:AI(A;ID;FA;;;BA)", "D:AI(A;OICIID;FR;;;WD)", true},
	/* without marks, if it is what the old folder gives */
	{"D:(A;OICI;FA;;;BA)", "D:(A;OICI;FR;;;WD)", "D:(A;;FA;;;BA)", "D:AI(A;ID;FR;;;WD)", false},
	{"D:(A;OICIIO;FA;;;CO)", "D:(A;OICI;FR;;;WD)", OWNER "D:(A;;FA;;;S-1-22-1-1001)",
	 OWNER "D:AI(A;ID;FR;;;WD)", false},
	{"D:(A;OICI;FA;;;BA)", "D:(A;OICI;FR;;;WD)", "D:(A;;FX;;;BA)", NULL, false},
	{"D:(A;;FA;;;BA)", "D:(A;OICI;FR;;;WD)", "D:", NULL, false},
	/* marks alone are no difference */
	{"D:(A;OICI;FA;;;BA)", "D:(A;OICI;FA;;;BA)", "D:(A;;FA;;;BA)", NULL, false},
	/* protected; of an order that was meant; no DACL at all */
	{"D:AI", "D:AI(A;OICI;FR;;;WD)", "D:PAI(A;ID;FA;;;BA)", NULL, false},
	{"D:AI", "D:AI(A;OICI;FR;;;WD)", "D:AI(A;ID;FA;;;BA)(D;;FW;;;BG)", NULL, false},
	{"D:AI", "D:AI(A;OICI;FR;;;WD)", "O:BA", NULL, false},
	/* nothing is left */
	{"D:AI", "D:(A;;FA;;;WD)", OWNER "D:AI(A;ID;FA;;;BA)",
	 OWNER "D:AI(A;;FA;;;S-1-22-1-1001)(A;;FA;;;SY)", false},
	{"D:AI", "D:(A;;FA;;;WD)", "O:SYD:AI(A;ID;FA;;;BA)", "O:SYD:AI(A;;FA;;;SY)", false},
	/* the SACL is no business of who moves */
	{"D:AI", "D:AI(A;OICI;FR;;;WD)S:AI(AU;OICISA;FA;;;WD)",
	 "D:AI(A;ID;FA;;;BA)S:AI(AU;IDFA;FA;;;BA)", "D:AI(A;ID;FR;;;WD)S:AI(AU;IDFA;FA;;;BA)",
	 false},
};

START_TEST(what_was_inherited_is_what_the_new_folder_gives)
{
	struct descriptor *from = read_sddl(moves[_i].from), *to = read_sddl(moves[_i].to);
	struct descriptor *child = read_sddl(moves[_i].child), *result = NULL;
	bool changed;
	char *text;

	ck_assert_int_eq(inherit_move(from, to, child, moves[_i].folder, &result, &changed), SD_OK);
	ck_assert_int_eq(changed, moves[_i].after != NULL);
	ck_assert_int_eq(changed, result != NULL);
	if (result) {
		ck_assert_int_eq(sddl_write(result, NULL, &text), SD_OK);
		ck_assert_str_eq(text, moves[_i].after);
		free(text);
	}
	descriptor_destroy(from);
	descriptor_destroy(to);
	descriptor_destroy(child);
	descriptor_destroy(result);
}
END_TEST

START_TEST(what_never_had_a_descriptor_adopts_what_is_handed_on)
{
	struct descriptor *gives = read_sddl("D:(A;OICI;FR;;;BG)(A;OICIIO;FA;;;CO)");
	struct descriptor *bare = read_sddl("D:(A;;FA;;;WD)");
	struct descriptor *child = read_sddl(OWNER "D:(A;;FA;;;WD)"), *result = NULL;
	bool changed;
	char *text;

	ck_assert_int_eq(inherit_adopt(bare, child, false, &result, &changed), SD_OK);
	ck_assert(!changed && !result);
	ck_assert_int_eq(inherit_adopt(gives, child, false, &result, &changed), SD_OK);
	ck_assert(changed);
	ck_assert_int_eq(sddl_write(result, NULL, &text), SD_OK);
	ck_assert_str_eq(text, OWNER "D:AI(A;ID;FR;;;BG)(A;ID;FA;;;S-1-22-1-1001)");
	free(text);
	descriptor_destroy(gives);
	descriptor_destroy(bare);
	descriptor_destroy(child);
	descriptor_destroy(result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("move");
	TCase *tcase = tcase_create("move");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, what_was_inherited_is_what_the_new_folder_gives, 0,
			    COUNT(moves));
	tcase_add_test(tcase, what_never_had_a_descriptor_adopts_what_is_handed_on);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
