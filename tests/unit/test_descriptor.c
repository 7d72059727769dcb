/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors in binary form: both layouts, hostile bytes, copies.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "acl/descriptor.h"
#include "acl/mask.h"
#include "acl/sddl.h"

#define HEADER 20

/* O:SYD:(A;;FA;;;WD) as Windows lays it out: DACL at 20, its ACE at 28, owner at 48 */
static const uint8_t sample[] = {
	1, 0, 4,  0x80, 48,   0, 0,    0, 0,  0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, /* header */
	2, 0, 28, 0,    1,    0, 0,    0,                                       /* ACL */
	0, 0, 20, 0,    0xff, 1, 0x1f, 0,                                       /* ACE */
	1, 1, 0,  0,    0,    0, 0,    1, 0,  0, 0, 0,                          /* WD */
	1, 1, 0,  0,    0,    0, 0,    5, 18, 0, 0, 0,                          /* SY */
};

static struct descriptor *from_text(const char *text)
{
	struct descriptor *sd = NULL;
	ck_assert_int_eq(sddl_read(text, NULL, &sd, NULL), SD_OK);
	return sd;
}

/* The sample with a change: byte @at becomes @value. */
static enum sd_error changed(size_t at, uint8_t value)
{
	uint8_t bytes[sizeof(sample)];
	struct descriptor *sd = NULL;
	memcpy(bytes, sample, sizeof(bytes));
	bytes[at] = value;
	enum sd_error error = descriptor_read(bytes, sizeof(bytes), &sd);
	ck_assert((error == SD_OK) == (sd != NULL));
	descriptor_destroy(sd);
	return error;
}

START_TEST(windows_layout)
{
	struct descriptor *sd = from_text("O:SYD:(A;;FA;;;WD)");
	struct descriptor *again = NULL;
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_OK);
	ck_assert_uint_eq(size, sizeof(sample));
	ck_assert_mem_eq(bytes, sample, size);
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	free(bytes);
	descriptor_destroy(sd);
	descriptor_destroy(again);
}
END_TEST

START_TEST(samba_layout)
{
	struct descriptor *sd = from_text("O:SYG:BAD:(A;;FA;;;WD)S:(AU;SA;FA;;;WD)");
	struct descriptor *again = NULL;
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(descriptor_write_nt(sd, &bytes, &size), SD_OK);
	ck_assert_uint_eq(bytes[4], HEADER);       /* owner */
	ck_assert_uint_eq(bytes[8], HEADER + 12);  /* group */
	ck_assert_uint_eq(bytes[12], HEADER + 28); /* SACL */
	ck_assert_uint_eq(bytes[16], HEADER + 56); /* DACL */
	ck_assert_uint_eq(bytes[HEADER + 28], ACL_REVISION_DS);
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	free(bytes);
	descriptor_destroy(sd);
	descriptor_destroy(again);
}
END_TEST

START_TEST(revisions)
{
	struct descriptor *sd = from_text("D:(A;;FA;;;WD)S:(OU;SA;FA;;;WD)");
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_OK);
	ck_assert_uint_eq(bytes[bytes[12]], ACL_REVISION_DS);
	ck_assert_uint_eq(bytes[bytes[16]], ACL_REVISION);
	free(bytes);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(hostile)
{
	ck_assert_int_eq(changed(0, 2), SD_BAD_REVISION);
	ck_assert_int_eq(changed(3, 0), SD_NOT_RELATIVE);
	ck_assert_int_eq(changed(2, 0), SD_BAD_OFFSET);  /* a DACL said to be absent */
	ck_assert_int_eq(changed(4, 16), SD_BAD_OFFSET); /* owner in the header */
	ck_assert_int_eq(changed(4, 49), SD_BAD_OFFSET);
	ck_assert_int_eq(changed(4, 60), SD_BAD_OFFSET);
	ck_assert_int_eq(changed(7, 0xff), SD_BAD_OFFSET);
	ck_assert_int_eq(changed(4, 36), SD_OVERLAP); /* owner within the ACE */
	ck_assert_int_eq(changed(8, 48), SD_OVERLAP); /* group is the owner */
	ck_assert_int_eq(changed(16, 56), SD_TRUNCATED);
	ck_assert_int_eq(changed(20, 1), SD_BAD_REVISION);
	ck_assert_int_eq(changed(20, 5), SD_BAD_REVISION);
	ck_assert_int_eq(changed(22, 4), SD_BAD_ACL);
	ck_assert_int_eq(changed(22, 24), SD_BAD_ACL);   /* ACE beyond AclSize */
	ck_assert_int_eq(changed(22, 41), SD_TRUNCATED); /* AclSize beyond the end */
	ck_assert_int_eq(changed(22, 32), SD_OVERLAP);   /* AclSize into the owner */
	ck_assert_int_eq(changed(24, 2), SD_BAD_ACL);    /* count */
	ck_assert_int_eq(changed(25, 0xff), SD_BAD_ACL); /* count */
	ck_assert_int_eq(changed(26, 1), SD_BAD_ACL);    /* reserved */
	ck_assert_int_eq(changed(30, 0), SD_BAD_ACE);
	ck_assert_int_eq(changed(30, 18), SD_BAD_ACE);
	ck_assert_int_eq(changed(30, 4), SD_BAD_ACE);
	ck_assert_int_eq(changed(30, 16), SD_BAD_SID);
	ck_assert_int_eq(changed(30, 24), SD_BAD_ACL);
	ck_assert_int_eq(changed(36, 2), SD_BAD_SID);
	ck_assert_int_eq(changed(37, 16), SD_BAD_SID);
	ck_assert_int_eq(changed(37, 2), SD_BAD_SID);
	ck_assert_int_eq(changed(49, 2), SD_BAD_SID);
	ck_assert_int_eq(changed(28, 5), SD_BAD_ACE); /* object ACE: no room for its flags */
	ck_assert_int_eq(changed(24, 0), SD_OK);      /* slack */
	ck_assert_int_eq(changed(20, 4), SD_OK);
}
END_TEST

START_TEST(cut_short)
{
	struct descriptor *sd = NULL;
	for (size_t size = 0; size < sizeof(sample); size++) {
		uint8_t *bytes = malloc(size + 1);
		memcpy(bytes, sample, size);
		/* a copy of exactly this size, so that a sanitizer sees reading beyond it */
		uint8_t *exact = realloc(bytes, size ? size : 1);
		ck_assert_int_ne(descriptor_read(exact, size, &sd), SD_OK);
		ck_assert_ptr_null(sd);
		free(exact);
	}
}
END_TEST

START_TEST(too_large)
{
	uint8_t *bytes = calloc(1, DESCRIPTOR_MAX_SIZE + 1);
	struct descriptor *sd = NULL;
	memcpy(bytes, sample, sizeof(sample));
	ck_assert_int_eq(descriptor_read(bytes, DESCRIPTOR_MAX_SIZE, &sd), SD_OK);
	descriptor_destroy(sd);
	sd = NULL;
	ck_assert_int_eq(descriptor_read(bytes, DESCRIPTOR_MAX_SIZE + 1, &sd), SD_TOO_LARGE);
	free(bytes);
}
END_TEST

/* Types without a known layout, and bytes after the SID, survive. */
START_TEST(carried)
{
	static const uint8_t types[] = {0x00, 0x04, 0x09, 0x0b, 0x0d, 0x10, 0x12, 0x13, 0x14, 0xff};
	uint8_t body[] = {0x61, 0x72, 0x74, 0x78, 1, 2, 3, 4};
	struct descriptor *sd = descriptor_create();
	struct descriptor *again = NULL;
	struct acl *acl = acl_create();
	uint8_t *bytes = NULL;
	size_t size;
	for (size_t i = 0; i < sizeof(types); i++) {
		struct ace ace = ace_make(types[i], INHERITED_ACE, 7, &sid_system);
		ace.opaque = types[i] == 0x04 || types[i] > 0x13;
		ace.object_flags = ace_type_is_object(types[i]) ? ACE_OBJECT_TYPE_PRESENT : 0;
		ace.data = body;
		ace.data_size = sizeof(body);
		ck_assert_int_eq(acl_append(acl, &ace), SD_OK);
	}
	descriptor_set_dacl(sd, acl);
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_OK);
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	ck_assert(again->dacl->aces[1].opaque);
	ck_assert(!again->dacl->aces[2].opaque);
	ck_assert_uint_eq(again->dacl->aces[2].data_size, sizeof(body));
	free(bytes);
	descriptor_destroy(sd);
	descriptor_destroy(again);
}
END_TEST

START_TEST(copies)
{
	struct descriptor *sd =
		from_text("O:SYG:BAD:PAI(A;OICI;FA;;;WD)(OA;;CR;;;SY)S:(AU;SA;FA;;;WD)");
	struct descriptor *copy = descriptor_copy(sd);
	ck_assert_ptr_nonnull(copy);
	ck_assert(descriptor_equal(sd, copy));
	copy->dacl->aces[1].mask ^= 1;
	ck_assert(!descriptor_equal(sd, copy));
	copy->dacl->aces[1].mask ^= 1;
	copy->control ^= SE_DACL_PROTECTED;
	ck_assert(!descriptor_equal(sd, copy));
	copy->control ^= SE_DACL_PROTECTED | SE_SELF_RELATIVE;
	ck_assert(descriptor_equal(sd, copy));
	copy->group = sid_everyone;
	ck_assert(!descriptor_equal(sd, copy));
	copy->group = sd->group;
	descriptor_set_dacl(copy, NULL);
	ck_assert(!descriptor_equal(sd, copy));
	ck_assert(copy->control & SE_DACL_PRESENT);
	descriptor_destroy(sd);
	descriptor_destroy(copy);
	descriptor_destroy(NULL);
	acl_destroy(NULL);
}
END_TEST

START_TEST(null_dacl)
{
	struct descriptor *sd = descriptor_create();
	struct descriptor *again = NULL;
	uint8_t *bytes = NULL;
	size_t size;
	descriptor_set_dacl(sd, NULL);
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_OK);
	ck_assert_uint_eq(size, HEADER);
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_OK);
	ck_assert_ptr_null(again->dacl);
	ck_assert(again->control & SE_DACL_PRESENT);
	free(bytes);
	descriptor_destroy(again);
	/* a list that the control bits deny is a mistake of the caller, not written */
	descriptor_set_dacl(sd, acl_create());
	sd->control = 0;
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_BAD_ACL);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(limits)
{
	struct acl *acl = acl_create();
	struct ace ace = ace_make(ACCESS_ALLOWED_ACE_TYPE, 0, 1, &sid_system);
	size_t count = 0;
	while (acl_append(acl, &ace) == SD_OK)
		count++;
	ck_assert_uint_eq(count, (0xfffc - 8) / 20);
	ck_assert_uint_eq(acl_binary_size(acl), 8 + 20 * count);
	struct acl *copy = acl_copy(acl);
	ck_assert(acl_equal(acl, copy));
	ck_assert_int_eq(acl_append(copy, &ace), SD_TOO_LARGE);
	struct descriptor *sd = descriptor_create();
	descriptor_set_dacl(sd, acl);
	sd->sacl = copy;
	sd->control |= SE_SACL_PRESENT;
	uint8_t *bytes;
	size_t size;
	ck_assert_int_eq(descriptor_write(sd, &bytes, &size), SD_TOO_LARGE);
	descriptor_destroy(sd);
	ace.data_size = SIZE_MAX;
	acl = acl_create();
	ck_assert_int_eq(acl_append(acl, &ace), SD_TOO_LARGE);
	acl_destroy(acl);
}
END_TEST

START_TEST(types)
{
	for (unsigned int type = 0; type < 256; type++) {
		uint8_t t = (uint8_t)type;
		ck_assert(!(ace_type_is_allow(t) && ace_type_is_deny(t)));
	}
	ck_assert(ace_type_is_allow(0x00) && ace_type_is_allow(0x05) && ace_type_is_allow(0x09) &&
		  ace_type_is_allow(0x0b));
	ck_assert(ace_type_is_deny(0x01) && ace_type_is_deny(0x06) && ace_type_is_deny(0x0a) &&
		  ace_type_is_deny(0x0c));
	ck_assert(!ace_type_is_allow(0x02) && !ace_type_is_allow(0x04) && !ace_type_is_deny(0x11));
	ck_assert(ace_type_is_object(0x10) && !ace_type_is_object(0x11));
	ck_assert(ace_type_is_callback(0x10) && !ace_type_is_callback(0x08));
}
END_TEST

START_TEST(a_sacl_grows_over_owner_and_group_alone)
{
	struct descriptor *sd = from_text("O:SYG:SYD:(A;;FA;;;WD)S:(AU;SA;FA;;;WD)");
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(descriptor_write_cifs(sd, &bytes, &size), SD_OK);
	/* header, DACL, SACL, owner, group */
	ck_assert_uint_eq(bytes[16], HEADER);
	ck_assert_uint_eq(bytes[12], HEADER + 28);
	ck_assert_uint_eq(bytes[4], HEADER + 28 + 28);
	ck_assert_uint_eq(bytes[8], HEADER + 28 + 28 + 12);
	struct descriptor *again = NULL;
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	free(bytes);
	descriptor_destroy(again);
	descriptor_destroy(sd);
}
END_TEST

START_TEST(a_sacl_without_its_control_bit_counts_for_setcifsacl_alone)
{
	struct descriptor *sd = from_text("O:SYG:SYD:(A;;FA;;;WD)S:(AU;SA;FA;;;WD)");
	uint8_t *bytes = NULL;
	size_t size;
	ck_assert_int_eq(descriptor_write_cifs(sd, &bytes, &size), SD_OK);
	bytes[2] &= (uint8_t)~SE_SACL_PRESENT;
	struct descriptor *again = NULL;
	ck_assert_int_eq(descriptor_read(bytes, size, &again), SD_BAD_OFFSET);
	ck_assert_int_eq(descriptor_read_cifs(bytes, size, &again), SD_OK);
	ck_assert(descriptor_equal(sd, again));
	/* of a DACL it is as doubtful as ever */
	bytes[2] &= (uint8_t)~SE_DACL_PRESENT;
	descriptor_destroy(again);
	again = NULL;
	ck_assert_int_eq(descriptor_read_cifs(bytes, size, &again), SD_BAD_OFFSET);
	ck_assert_ptr_null(again);
	free(bytes);
	descriptor_destroy(sd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("descriptor");
	TCase *tests = tcase_create("descriptor");
	tcase_add_test(tests, windows_layout);
	tcase_add_test(tests, samba_layout);
	tcase_add_test(tests, revisions);
	tcase_add_test(tests, hostile);
	tcase_add_test(tests, cut_short);
	tcase_add_test(tests, too_large);
	tcase_add_test(tests, carried);
	tcase_add_test(tests, copies);
	tcase_add_test(tests, null_dacl);
	tcase_add_test(tests, limits);
	tcase_add_test(tests, types);
	tcase_add_test(tests, a_sacl_grows_over_owner_and_group_alone);
	tcase_add_test(tests, a_sacl_without_its_control_bit_counts_for_setcifsacl_alone);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
