/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Vectors of the forms of a descriptor: SDDL, binary, security.NTACL.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "acl/attribute.h"
#include "acl/bytes.h"
#include "acl/sddl.h"
#include "vectors.h"

/* the domain and machine that Windows was recorded on */
#define WINDOWS_DOMAIN "S-1-5-21-2457507606-2709100691-398136650"

/* see vectors-disputed.md */
static const char disputed_type[] = "disputed: the value type of TI and TB attributes";

static void freep(void *pointer)
{
	free(*(void **)pointer);
}

#define auto_free __attribute__((cleanup(freep)))
#define auto_sd __attribute__((cleanup(descriptor_destroyp)))

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool decode_hex(const char *hex, uint8_t **bytes, size_t *size)
{
	size_t length = strlen(hex);
	uint8_t *result = length % 2 ? NULL : malloc(length / 2 + 1);
	if (!result)
		return false;
	for (size_t i = 0; i < length / 2; i++) {
		int high = hex_digit(hex[2 * i]);
		int low = hex_digit(hex[2 * i + 1]);
		if (high < 0 || low < 0) {
			free(result);
			return false;
		}
		result[i] = (uint8_t)(high << 4 | low);
	}
	*bytes = result;
	*size = length / 2;
	return true;
}

static const char *field(const json_t *line, const char *name)
{
	return json_string_value(json_object_get(line, name));
}

bool vector_bytes(const json_t *line, const char *name, uint8_t **bytes, size_t *size)
{
	const char *hex = field(line, name);
	return hex && decode_hex(hex, bytes, size);
}

struct descriptor *vector_descriptor(const json_t *line, const char *name)
{
	auto_free uint8_t *bytes = NULL;
	size_t size;
	struct descriptor *sd = NULL;
	if (!vector_bytes(line, name, &bytes, &size) || descriptor_read(bytes, size, &sd))
		return NULL;
	return sd;
}

bool vector_sid(const json_t *line, const char *name, struct sid *sid)
{
	const char *text = field(line, name);
	const char *end;
	return text && sid_parse(text, sid, &end) && !*end;
}

typedef enum sd_error (*writer)(const struct descriptor *sd, uint8_t **bytes, size_t *size);

/* Does @write give the bytes @hex for @sd?  Reports a failure of field @name if not. */
static bool written_as(const struct descriptor *sd, writer write, const char *name, const char *hex,
		       struct vector_report *report)
{
	auto_free uint8_t *got = NULL;
	auto_free uint8_t *expected = NULL;
	size_t got_size, size;
	if (!decode_hex(hex, &expected, &size)) {
		report_fail(report, "%s expected hexadecimal got %.40s", name, hex);
		return false;
	}
	enum sd_error error = write(sd, &got, &got_size);
	if (error) {
		report_fail(report, "%s expected %s got error: %s", name, hex, sd_strerror(error));
		return false;
	}
	size_t common = 0;
	while (common < size && common < got_size && expected[common] == got[common])
		common++;
	if (common == size && common == got_size)
		return true;
	report_fail(report, "%s expected %zu bytes %s got %zu bytes, different from byte %zu", name,
		    size, hex, got_size, common);
	return false;
}

/* Both layouts decode to the same and encode to themselves and each other. */
static bool check_binary(const json_t *line, struct vector_report *report)
{
	const char *fields[] = {"sd", "sd_nt"};
	const char *windows = field(line, "sd");
	const char *nt = field(line, "sd_nt");
	for (unsigned int i = 0; i < 2; i++) {
		if (!field(line, fields[i]))
			continue;
		auto_sd struct descriptor *sd = vector_descriptor(line, fields[i]);
		if (!sd) {
			report_fail(report, "%s expected to be read got error", fields[i]);
			return false;
		}
		if (windows && !written_as(sd, descriptor_write, "sd", windows, report))
			return false;
		if (nt && !written_as(sd, descriptor_write_nt, "sd_nt", nt, report))
			return false;
	}
	return true;
}

/* Hexadecimal digits, and with them all letters, are compared without regard to case. */
static bool check_text(const struct descriptor *sd, const struct sid *domain, const char *expected,
		       struct vector_report *report)
{
	auto_free char *text = NULL;
	enum sd_error error = sddl_write(sd, domain, &text);
	if (error) {
		report_fail(report, "canonical expected %s got error: %s", expected,
			    sd_strerror(error));
		return false;
	}
	if (strcasecmp(text, expected) == 0)
		return true;
	report_fail(report, "canonical expected %s got %s", expected, text);
	return false;
}

/* Is this the quote that ends an attribute's name, with a type of integers after it? */
static bool starts_integers(const char *text)
{
	return strncmp(text, "\",TI,", 5) == 0 || strncmp(text, "\",TU,", 5) == 0 ||
	       strncmp(text, "\",TB,", 5) == 0;
}

/*
 * A copy (free()) of @text, which Samba wrote, without the '+' that it writes before the
 * integers of resource attributes; see vectors-disputed.md.
 */
static char *without_signs(const char *text)
{
	char *copy = strdup(text);
	bool quoted = false, integers = false;
	char *to = copy;
	for (const char *from = text; copy && *from; from++) {
		if (*from == '"') {
			integers = quoted && starts_integers(from);
			quoted = !quoted;
		}
		if (*from == ')')
			integers = false;
		if (!(*from == '+' && integers && from[-1] == ','))
			*to++ = *from;
	}
	if (copy)
		*to = '\0';
	return copy;
}

/* What Samba wrote for @sd. */
static bool check_canonical(const struct descriptor *sd, const struct sid *domain,
			    const char *canonical, struct vector_report *report)
{
	auto_free char *expected = without_signs(canonical);
	return check_text(sd, domain, expected ? expected : canonical, report);
}

/* Did Samba read an attribute that is @ours as UINT64, though its text says TB or TI? */
static bool is_disputed_type(const struct ace *ours, const struct ace *recorded)
{
	struct attribute attribute = {0};
	if (ours->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE || recorded->type != ours->type ||
	    recorded->data_size != ours->data_size || recorded->data_size < 6 ||
	    get_le16(recorded->data + 4) != CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64)
		return false;
	if (attribute_read(ours->data, ours->data_size, &attribute))
		return false;
	bool disputed = attribute.type == CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64 ||
			attribute.type == CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN;
	for (size_t i = 0; i < attribute.count; i++)
		disputed = disputed && attribute.values[i].number <= INT64_MAX;
	attribute_clear(&attribute);
	return disputed;
}

/* Are these the same SIDs, and the bytes the same but for the case of letters in their text? */
static bool is_other_case(const struct ace *ours, const struct ace *recorded)
{
	struct attribute mine = {0}, theirs = {0};
	if (ours->type != SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE || recorded->type != ours->type ||
	    recorded->data_size != ours->data_size)
		return false;
	bool same = attribute_read(ours->data, ours->data_size, &mine) == SD_OK &&
		    attribute_read(recorded->data, ours->data_size, &theirs) == SD_OK &&
		    mine.type == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID &&
		    attribute_equal(&mine, &theirs);
	/* offsets and name are the same in any case: they end where the first value starts */
	size_t head = same && mine.count ? get_le32(ours->data + 16) : 0;
	same = same && memcmp(ours->data, recorded->data, head) == 0;
	for (size_t i = head; i < ours->data_size && same; i++)
		same = toupper(ours->data[i]) == toupper(recorded->data[i]);
	attribute_clear(&mine);
	attribute_clear(&theirs);
	return same;
}

/*
 * Makes @sd, which was read from text, in those points like the @recorded descriptor that its
 * maker and Windows (or the specification) differ in; returns whether there is a disputed type.
 */
static bool map_attributes(struct descriptor *sd, const struct descriptor *recorded)
{
	bool disputed = false;
	if (!sd->sacl || !recorded->sacl || sd->sacl->count != recorded->sacl->count)
		return false;
	for (size_t i = 0; i < sd->sacl->count; i++) {
		struct ace *ace = &sd->sacl->aces[i];
		const struct ace *other = &recorded->sacl->aces[i];
		if (is_disputed_type(ace, other)) {
			put_le16(ace->data + 4, CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64);
			disputed = true;
		} else if (is_other_case(ace, other)) {
			memcpy(ace->data, other->data, ace->data_size);
		}
	}
	return disputed;
}

/* What is written can be read again and is the same. */
static bool check_round_trip(const struct descriptor *sd, const struct sid *domain,
			     struct vector_report *report)
{
	auto_free char *text = NULL;
	auto_sd struct descriptor *again = NULL;
	struct sddl_fault fault = {0};
	enum sd_error error = sddl_write(sd, domain, &text);
	if (!error)
		error = sddl_read(text, domain, &again, &fault);
	if (error) {
		report_fail(report, "round trip of %s got error: %s at %zu, expected %s",
			    text ? text : "?", sd_strerror(error), fault.offset,
			    fault.expected ? fault.expected : "?");
		return false;
	}
	if (descriptor_equal(sd, again))
		return true;
	report_fail(report, "round trip of %s changed the descriptor", text);
	return false;
}

static void sddl_invalid(const char *text, const struct sid *domain, struct vector_report *report)
{
	auto_sd struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	enum sd_error error = sddl_read(text, domain, &sd, &fault);
	if (!error)
		report_fail(report, "sddl expected to be refused got accepted: %s", text);
	else if (error != SD_BAD_SYNTAX || !fault.expected || fault.offset > strlen(text))
		report_fail(report, "sddl expected a fault got error: %s", sd_strerror(error));
	else
		report_pass(report);
}

/* @sd was read from the text of @line. */
static void sddl_compare(const json_t *line, const struct descriptor *sd, const struct sid *domain,
			 struct vector_report *report)
{
	auto_sd struct descriptor *recorded = vector_descriptor(line, "sd");
	auto_sd struct descriptor *mapped = descriptor_copy(sd);
	const char *canonical = field(line, "canonical");
	if (!recorded || !mapped) {
		report_fail(report, "sd expected to be read got error");
		return;
	}
	bool disputed = map_attributes(mapped, recorded);
	if (!written_as(mapped, descriptor_write, "sd", field(line, "sd"), report))
		return;
	if (canonical && !check_canonical(recorded, domain, canonical, report))
		return;
	if (!check_round_trip(sd, domain, report))
		return;
	if (disputed)
		report_skip(report, disputed_type);
	else
		report_pass(report);
}

static void sddl_valid(const json_t *line, const char *text, const struct sid *domain,
		       struct vector_report *report)
{
	auto_sd struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	if (!check_binary(line, report))
		return;
	enum sd_error error = sddl_read(text, domain, &sd, &fault);
	if (error) {
		report_fail(report, "sddl expected to be read got %s at %zu, expected %s: %s",
			    sd_strerror(error), fault.offset, fault.expected ? fault.expected : "?",
			    text);
		return;
	}
	sddl_compare(line, sd, domain, report);
}

void vectors_sddl(json_t *line, struct vector_report *report)
{
	struct sid domain;
	bool has_domain = vector_sid(line, "domain", &domain);
	const char *text = field(line, "sddl");
	const char *kind = field(line, "kind");
	if (!text || !kind)
		report_fail(report, "line expected sddl and kind got neither");
	else if (strcmp(kind, "invalid") == 0)
		sddl_invalid(text, has_domain ? &domain : NULL, report);
	else
		sddl_valid(line, text, has_domain ? &domain : NULL, report);
}

/*
 * Did Windows leave slack after the last ACE, so that nothing else can be equal byte
 * for byte?  It lays out the rest without gaps.
 */
static bool has_slack(const struct descriptor *sd, size_t size)
{
	auto_free uint8_t *bytes = NULL;
	size_t dense;
	return descriptor_write(sd, &bytes, &dense) == SD_OK && dense < size;
}

static void windows_entry(const char *text, const char *hex, struct vector_report *report)
{
	auto_free uint8_t *bytes = NULL;
	auto_sd struct descriptor *recorded = NULL;
	auto_sd struct descriptor *sd = NULL;
	struct sddl_fault fault = {0};
	struct sid domain;
	size_t size;
	sid_parse(WINDOWS_DOMAIN, &domain, NULL);
	if (!decode_hex(hex, &bytes, &size) || descriptor_read(bytes, size, &recorded)) {
		report_fail(report, "descriptor of %s expected to be read got error", text);
		return;
	}
	if (!has_slack(recorded, size) &&
	    !written_as(recorded, descriptor_write, "descriptor", hex, report))
		return;
	enum sd_error error = sddl_read(text, &domain, &sd, &fault);
	if (error) {
		report_fail(report, "sddl expected to be read got %s at %zu: %s",
			    sd_strerror(error), fault.offset, text);
		return;
	}
	if (!descriptor_equal(sd, recorded)) {
		report_fail(report, "sddl expected %s got another descriptor: %s", hex, text);
		return;
	}
	if (!has_slack(recorded, size) && !written_as(sd, descriptor_write, "sd", hex, report))
		return;
	if (check_round_trip(sd, &domain, report))
		report_pass(report);
}

void vectors_windows(json_t *object, struct vector_report *report)
{
	const char *text;
	json_t *hex;
	json_object_foreach(object, text, hex)
	{
		report->line++;
		windows_entry(text, json_string_value(hex), report);
	}
}

/* Parts "input -> output"; returns the output, NULL if there is none: it is the same. */
static char *split(char *line)
{
	char *arrow = strstr(line, " -> ");
	if (!arrow)
		return NULL;
	*arrow = '\0';
	return arrow + strlen(" -> ");
}

void vectors_accepted(char *line, struct vector_report *report)
{
	struct sid domain;
	struct sddl_fault fault = {0};
	auto_sd struct descriptor *sd = NULL;
	const char *expected = split(line);
	sid_parse(WINDOWS_DOMAIN, &domain, NULL);
	enum sd_error error = sddl_read(line, &domain, &sd, &fault);
	if (error)
		report_fail(report, "sddl expected to be read got %s at %zu: %s",
			    sd_strerror(error), fault.offset, line);
	else if (check_text(sd, &domain, expected ? expected : line, report) &&
		 check_round_trip(sd, &domain, report))
		report_pass(report);
}

void vectors_weird(char *line, struct vector_report *report)
{
	report_skip(report, "taken by Windows against its own grammar");
}

void vectors_refused(char *line, struct vector_report *report)
{
	struct sid domain;
	sid_parse(WINDOWS_DOMAIN, &domain, NULL);
	split(line);
	sddl_invalid(line, &domain, report);
}
