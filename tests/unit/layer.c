/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nothing: what is linked to it is the test (see meson.build).
 */
int main(void)
{
	return 0;
}
