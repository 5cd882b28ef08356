/* SPDX-License-Identifier: MIT */
/*
 * locks.c - picolibc's locks, all in this one object.
 *
 * picolibc brings a set that does nothing. user.ld names one of these as needed from the start, so
 * that the linker takes this object before it sees the other one.
 *
 * All are recursive: which of them picolibc wants so does not matter then.
 */
#include <stddef.h>
#include <sys/lock.h>

#include <pudu/memory.h>

#include "internal.h"

struct __lock {
	struct pudu_recursive recursive;
	struct __lock *next; /* in the list of free ones */
};

struct __lock __lock___libc_recursive_mutex;

/* Locks that are made while the program runs. malloc() takes a lock, so they don't come from it. */
static struct pudu_mutex pool_lock = PUDU_MUTEX;
static struct __lock *pool;
static struct __lock fallback; /* shared by all that were made when memory was out */

static void pool_fill(void)
{
	struct __lock *page = pudu_pages_take(PUDU_PAGE_SIZE);

	for (size_t i = 0; page != NULL && i < PUDU_PAGE_SIZE / sizeof(*page); i++) {
		page[i].next = pool;
		pool = &page[i];
	}
}

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
	pudu_mutex_lock(&pool_lock);
	if (pool == NULL)
		pool_fill();
	*lock = pool != NULL ? pool : &fallback;
	if (pool != NULL)
		pool = pool->next;
	pudu_mutex_unlock(&pool_lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
	if (lock == &fallback)
		return;
	pudu_mutex_lock(&pool_lock);
	lock->next = pool;
	pool = lock;
	pudu_mutex_unlock(&pool_lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
	pudu_recursive_lock(&lock->recursive);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
	return pudu_recursive_try(&lock->recursive) ? 0 : -1;
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
	pudu_recursive_unlock(&lock->recursive);
}

void __retarget_lock_init(_LOCK_T *lock)
{
	__retarget_lock_init_recursive(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
	__retarget_lock_close_recursive(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
	__retarget_lock_acquire_recursive(lock);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
	return __retarget_lock_try_acquire_recursive(lock);
}

void __retarget_lock_release(_LOCK_T lock)
{
	__retarget_lock_release_recursive(lock);
}
