/* SPDX-License-Identifier: MIT */
/* true.c - ends well: the smallest program. */
int main(void)
{
	return 0;
}
