/* SPDX-License-Identifier: MIT */
/*
 * pages_raw.h - executors that touch the word at their argument once, with sp as the value, and end
 * with what they find. They need no stack, and lie in one page that holds nothing else.
 */
#ifndef PAGES_RAW_H
#define PAGES_RAW_H

void pages_raw(void);	    /* where the page starts */
void raw_touch_load(void);  /* ends with the word */
void raw_touch_store(void); /* stores sp; ends with 0 */
void raw_touch_add(void);   /* adds sp at once; ends with what was there */
void raw_touch_jump(void);  /* jumps there */

#endif
