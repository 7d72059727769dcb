/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complaints about policy files; private to keyring/policy*.c. */
#ifndef GUISE_KEYRING_POLICY_FAULT_H
#define GUISE_KEYRING_POLICY_FAULT_H

#include "keyring/policy.h"

/* room for one found thing, escaped */
#define FAULT_WORD_SIZE 128

/*
 * @word made fit to be shown: what is not printable ASCII as \ooo, and cut where it gets long.
 * Returns @shown.
 */
const char *policy_fault_word(const char *word, char shown[FAULT_WORD_SIZE]);

/* Fills in *@fault for line @line (0: none) of @file. */
void policy_fault_set(struct policy_fault *fault, const char *file, unsigned int line,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
