/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of reasons: name, phrase, errno. */
#include "keyring/reason.h"

#include <errno.h>

static const struct {
	const char *name;
	const char *text;
	int error;
} reasons[REASON_COUNT] = {
	[REASON_NONE] = {"none", "not refused", 0},
	[REASON_NO_CALLER] = {"no-caller", "no thread visible here made the request", EACCES},
	[REASON_CALLER_GONE] = {"caller-gone", "the calling thread ended or cannot be read",
				EACCES},
	[REASON_GROUPS_UNREADABLE] = {"groups-unreadable",
				      "the caller's supplementary groups cannot be read", EACCES},
	[REASON_IO_WORKER] = {"io-worker",
			      "an io_uring worker of a process that impersonates cannot tell "
			      "for whom it works",
			      EACCES},
	[REASON_PROCESS_EXECUTED] = {"process-executed",
				     "the process impersonated and then executed a program in its "
				     "place, which has not announced itself",
				     EACCES},
	[REASON_RING_GONE] = {"ring-gone",
			      "the thread announced itself, but its thread keyring is gone",
			      EACCES},
	[REASON_RING_UNREADABLE] = {"ring-unreadable",
				    "the thread keyring is not open to the daemon", EACCES},
	[REASON_RING_NOT_OWN] = {"ring-not-own", "the thread keyring belongs to another user",
				 EACCES},
	[REASON_RING_NOT_THREAD] = {"ring-not-thread",
				    "the key is no thread keyring, or others may change it",
				    EACCES},
	[REASON_RING_FULL] = {"ring-full", "the thread keyring holds too many keys", EACCES},
	[REASON_MARKER_ALONE] = {"marker-alone",
				 "the thread impersonates, but its token key has vanished", EACCES},
	[REASON_MARKER_UNREADABLE] = {"marker-unreadable",
				      "a key in the thread keyring cannot be described", EACCES},
	[REASON_TOKEN_UNMARKED] = {"token-unmarked",
				   "the thread keyring holds a token key without the marker",
				   EACCES},
	[REASON_TWO_TOKENS] = {"two-tokens", "the thread keyring holds more than one token key",
			       EACCES},
	[REASON_REGISTRY_BROKEN] = {"registry-broken",
				    "the registry of threads cannot be read or makes no sense",
				    EACCES},
	[REASON_KEY_GONE] = {"key-gone", "the token key no longer exists", ENOKEY},
	[REASON_KEY_REVOKED] = {"key-revoked", "the token key was revoked", EKEYREVOKED},
	[REASON_KEY_EXPIRED] = {"key-expired", "the token key has expired", EKEYEXPIRED},
	[REASON_KEY_NOT_TOKEN] = {"key-not-token", "the key is no token key", EKEYREJECTED},
	[REASON_KEY_WRITABLE] = {"key-writable", "others than its owner could change the token key",
				 EKEYREJECTED},
	[REASON_KEY_UNREADABLE] = {"key-unreadable", "the daemon may not read the token key",
				   EKEYREJECTED},
	[REASON_TOKEN_MALFORMED] = {"token-malformed",
				    "the token's text does not follow the grammar", EKEYREJECTED},
	[REASON_TOKEN_FORGED] = {"token-forged",
				 "the token names a user, but its owner has no logon right",
				 EKEYREJECTED},
	[REASON_TOKEN_AUDIENCE] = {"token-audience", "the token is not for this account",
				   EKEYREJECTED},
	[REASON_TOKEN_LEVEL] = {"token-level", "the token's level is too low for this", EACCES},
	[REASON_TOKEN_SHARE] = {"token-share", "the token is good on another share only",
				EKEYREJECTED},
	[REASON_TOKEN_LOGON] = {"token-logon",
				"the token names root, a holder of privileges or a privilege, "
				"which only a key of root's may",
				EKEYREJECTED},
	[REASON_TOKEN_LIFETIME] = {"token-lifetime",
				   "the token ends later than the policy allows, or never",
				   EKEYREJECTED},
	[REASON_TOKEN_NARROWING] = {"token-narrowing",
				    "a token that narrows another must be for its owner alone",
				    EKEYREJECTED},
	[REASON_TOKEN_PARENT] = {"token-parent",
				 "the key that the token narrows is another one by now, is not its "
				 "owner's to use, or narrows one itself",
				 EKEYREJECTED},
	[REASON_ACTOR_DENIED] = {"actor-denied", "the policy lets this account act for no client",
				 EACCES},
	[REASON_CLIENT_UNKNOWN] = {"client-unknown",
				   "the client has no account here, or its groups cannot be "
				   "looked up",
				   EACCES},
	[REASON_DOMAIN_UNAVAILABLE] = {"domain-unavailable",
				       "the host's domain cannot be asked who this is", EACCES},
	[REASON_HANDLE_REVOKED] = {"handle-revoked",
				   "the token key with which this was opened was revoked",
				   EKEYREVOKED},
	[REASON_HANDLE_EXPIRED] = {"handle-expired",
				   "the token key with which this was opened has expired",
				   EKEYEXPIRED},
	[REASON_HANDLE_GONE] = {"handle-gone",
				"the token key with which this was opened no longer exists",
				EKEYREVOKED},
	[REASON_TREE_STALE] = {"tree-stale",
			       "the caller's user namespace was marked by a daemon that is gone",
			       EACCES},
	[REASON_TREE_UNREADABLE] = {"tree-unreadable", "the caller's user namespace cannot be read",
				    EACCES},
	[REASON_TREE_INSIDE] = {"tree-inside", "a confined process is confined for good", EACCES},
	[REASON_TREE_NO_NAMESPACE] = {"tree-no-namespace",
				      "the process is not alone in a user namespace of its own",
				      EACCES},
	[REASON_NO_MEMORY] = {"no-memory", "the daemon is out of memory", ENOMEM},
};

/* An unknown reason is nobody's leave to go on. */
static enum guise_reason known(enum guise_reason reason)
{
	return (unsigned int)reason < REASON_COUNT ? reason : REASON_REGISTRY_BROKEN;
}

const char *reason_name(enum guise_reason reason)
{
	return reasons[known(reason)].name;
}

const char *reason_text(enum guise_reason reason)
{
	return reasons[known(reason)].text;
}

int reason_errno(enum guise_reason reason)
{
	return -reasons[known(reason)].error;
}
