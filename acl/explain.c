/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checking, and keeping what the check tells. */
#include "acl/explain.h"

#include "acl/compile.h"
#include "acl/mask.h"

enum sd_error explain(const struct descriptor *sd, const struct token *token, uint32_t wanted,
		      struct explanation *explanation)
{
	struct access_request request = {.token = token, .wanted = wanted, .flags = EXPLAIN_FLAGS};
	struct compiled *compiled = NULL;
	enum sd_error error = compile(sd, &compiled);

	*explanation = (struct explanation){.wanted = mask_map_generic(wanted)};
	request.trace = explanation->trace = trace_create();
	if (!error && !request.trace)
		error = SD_NO_MEMORY;
	if (!error)
		explanation->result = access_check_compiled(compiled, &request);
	if (!error && explanation->result.status != ACCESS_OK)
		explanation->denial =
			access_denial(sd, token, &explanation->result, wanted, EXPLAIN_FLAGS);
	if (!error && trace_incomplete(explanation->trace))
		error = SD_NO_MEMORY;
	compiled_destroy(compiled);
	if (error)
		explanation_clear(explanation);
	return error;
}

void explanation_clear(struct explanation *explanation)
{
	trace_destroy(explanation->trace);
	explanation->trace = NULL;
}

bool explain_grants(const struct descriptor *sd, const struct token *token, uint32_t wanted)
{
	return access_check(sd, token, wanted, EXPLAIN_FLAGS).status == ACCESS_OK;
}
