/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why an identity was refused: one enum, its names (as logs and audit records
 * spell them) and the errno that the caller sees, in one place.
 */
#ifndef GUISE_KEYRING_REASON_H
#define GUISE_KEYRING_REASON_H

enum guise_reason {
	REASON_NONE = 0,
	/* the caller */
	REASON_NO_CALLER,         /* pid 0: no thread visible to the daemon asks */
	REASON_CALLER_GONE,       /* the thread ended or cannot be read */
	REASON_GROUPS_UNREADABLE, /* its supplementary groups cannot be read, or are another user's
				   */
	REASON_IO_WORKER,         /* io_uring worker of a process that has announced threads */
	REASON_PROCESS_EXECUTED,  /* its process executed another program since threads of it did */
	/* its ring */
	REASON_RING_GONE,       /* announced, but the ring no longer exists */
	REASON_RING_UNREADABLE, /* announced, but the daemon may not read it */
	REASON_RING_NOT_OWN,    /* announced ring belongs to another user */
	REASON_RING_NOT_THREAD, /* announced key is no thread keyring, or others may write to it */
	REASON_RING_FULL,       /* more keys in it than the daemon looks at */
	REASON_MARKER_ALONE,    /* impersonating, but the token key has vanished */
	REASON_MARKER_UNREADABLE, /* a key in the ring cannot be described */
	REASON_TOKEN_UNMARKED,    /* a token key without the marker */
	REASON_TWO_TOKENS,        /* more than one token key */
	REASON_REGISTRY_BROKEN,   /* the registry of threads cannot be read or makes no sense */
	/* the token key */
	REASON_KEY_GONE,
	REASON_KEY_REVOKED,
	REASON_KEY_EXPIRED,
	REASON_KEY_NOT_TOKEN, /* not a token key at all */
	REASON_KEY_WRITABLE,  /* others than its owner could change it */
	REASON_KEY_UNREADABLE,
	REASON_TOKEN_MALFORMED,    /* its text does not follow the grammar */
	REASON_TOKEN_FORGED,       /* names a user, but its owner has no logon right */
	REASON_TOKEN_AUDIENCE,     /* not for this server account */
	REASON_TOKEN_LEVEL,        /* level too low for what was asked */
	REASON_TOKEN_SHARE,        /* good on another share only */
	REASON_TOKEN_LOGON,        /* names a user that only root may name, or a privilege */
	REASON_TOKEN_LIFETIME,     /* ends later than the policy allows, or never */
	REASON_TOKEN_NARROWING,    /* narrows another key, but is not for its owner alone */
	REASON_TOKEN_PARENT,       /* narrows a key that is not its owner's to narrow */
	REASON_ACTOR_DENIED,       /* the policy lets the acting account act for nobody */
	REASON_CLIENT_UNKNOWN,     /* its user has no account here, or the look-up failed */
	REASON_DOMAIN_UNAVAILABLE, /* the host's domain cannot be asked for the SIDs of an identity
				    */
	/* what was opened with a token key, on a mount with handles=revocable */
	REASON_HANDLE_REVOKED, /* the key was revoked, has expired, is gone or no longer to be seen
				*/
	REASON_HANDLE_EXPIRED,
	REASON_HANDLE_GONE,
	/* trees of processes */
	REASON_TREE_STALE,        /* marked by a daemon that is gone */
	REASON_TREE_UNREADABLE,   /* the caller's user namespace cannot be read */
	REASON_TREE_INSIDE,       /* a confined process may not announce or confine itself again */
	REASON_TREE_NO_NAMESPACE, /* asked to be confined, but not alone in a user namespace of its
				     own */
	/* the host */
	REASON_NO_MEMORY,
	REASON_COUNT
};

/* The name of @reason, such as "token-audience"; never NULL. */
const char *reason_name(enum guise_reason reason);

/* One English phrase that explains @reason. */
const char *reason_text(enum guise_reason reason);

/* The errno (negative) that a caller refused for @reason gets. */
int reason_errno(enum guise_reason reason);

#endif
