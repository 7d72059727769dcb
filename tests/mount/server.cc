/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server in C++: acts as the client of a token key for the time of a function, which
 * may throw, and tells who the client is.
 *
 *	server FILE SERIAL
 */
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <guise.h>
#include <memory>
#include <stdexcept>
#include <unistd.h>

static int read_file(void *path)
{
	char text[64];
	int fd = open(static_cast<const char *>(path), O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int error = length < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	std::printf("%s\n", error ? strerrorname_np(error) : std::string(text, length).c_str());
	return -error;
}

static int read_and_throw(void *path)
{
	int32_t serial;

	if (read_file(path) == 0 && guise_current(&serial) == 1)
		throw std::runtime_error("thrown");
	return 0;
}

int main(int argc, char **argv)
{
	struct free_token {
		void operator()(guise_token *token) const
		{
			guise_token_free(token);
		}
	};
	int32_t serial = argc == 3 ? std::atoi(argv[2]) : 0;
	guise_token *token;
	int result;

	if (guise_with_token(serial, read_file, argv[1], &result) != 0 || result != 0)
		return 1;
	try {
		guise_with_token(serial, read_and_throw, argv[1], &result);
	} catch (const std::exception &exception) {
		std::printf("%s\n", exception.what());
	}
	/* itself again, though nobody reverted */
	if (guise_current(&serial) != 0 || guise_assert_self() != 0 || guise_query(&token) != 0)
		return 1;
	std::unique_ptr<guise_token, free_token> self(token);
	if (guise_token_actor(self.get()))
		return 1;
	return read_file(argv[1]) == -EACCES ? 0 : 1;
}
