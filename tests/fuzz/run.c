/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a fuzz target without a fuzzer: over each file of a folder of seeds, each of its
 * beginnings, and copies with one byte changed.
 */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

#define MAX_SEED 65536
/* of a long seed only so many places are tried */
#define MAX_PLACES 512

static void run_copy(const uint8_t *seed, size_t size)
{
	/* of exactly this size, so that a sanitizer sees reading beyond it */
	uint8_t *copy = malloc(size ? size : 1);
	require(copy);
	memcpy(copy, seed, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_seed(uint8_t *seed, size_t size)
{
	static const uint8_t values[] = {0x00, 0x01, 0x04, 0x7f, 0x80, 0xff, '(', ')', ';', ' '};
	size_t step = size / MAX_PLACES + 1;
	run_copy(seed, size);
	for (size_t at = 0; at < size; at += step) {
		uint8_t old = seed[at];
		run_copy(seed, at);
		for (size_t i = 0; i < sizeof(values); i++) {
			seed[at] = values[i];
			run_copy(seed, size);
		}
		seed[at] = old;
	}
}

static int run_file(const char *folder, const char *name)
{
	static uint8_t seed[MAX_SEED];
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		return -1;
	FILE *file = fopen(path, "rb");
	free(path);
	if (!file)
		return -1;
	size_t size = fread(seed, 1, sizeof(seed), file);
	fclose(file);
	run_seed(seed, size);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	unsigned int count = 0;
	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER-OF-SEEDS\n", argv[0]);
		return EXIT_FAILURE;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		if (run_file(argv[1], entry->d_name) < 0) {
			perror(entry->d_name);
			closedir(folder);
			return EXIT_FAILURE;
		}
		count++;
	}
	closedir(folder);
	printf("%u seeds\n", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
