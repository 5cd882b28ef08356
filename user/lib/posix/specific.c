/* SPDX-License-Identifier: MIT */
/*
 * specific.c - values that each thread has for a key, and their destructors.
 *
 * A key is an index. Its generation is odd while it exists, and grows when it is made and deleted;
 * a thread's value counts only if it is of the key's generation. So a key that is made again
 * starts with NULL in all threads, though nobody goes through them.
 */
#include "posix.h"

#include <errno.h>
#include <limits.h>

struct key {
	_Atomic uint32_t generation; /* changed under the lock */
	void (*destructor)(void *);  /* written while the generation is even */
};

struct value {
	void *value;
	uint32_t generation;
};

static struct pudu_mutex lock = PUDU_MUTEX;
static struct key keys[PTHREAD_KEYS_MAX];
static _Thread_local struct value values[PTHREAD_KEYS_MAX];

/* The generation of a key; even if there is no such key. acquire: pairs with pthread_key_create(),
 * so that its destructor is seen. */
static uint32_t generation_of(pthread_key_t key)
{
	if (key >= PTHREAD_KEYS_MAX)
		return 0;
	return atomic_load_explicit(&keys[key].generation, memory_order_acquire);
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	int error = EAGAIN;

	pudu_mutex_lock(&lock);
	for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX && error != 0; i++) {
		if (generation_of(i) & 1)
			continue;
		keys[i].destructor = destructor;
		/* release: pairs with generation_of(). */
		atomic_fetch_add_explicit(&keys[i].generation, 1, memory_order_release);
		*key = i;
		error = 0;
	}
	pudu_mutex_unlock(&lock);
	return error;
}

int pthread_key_delete(pthread_key_t key)
{
	int error = EINVAL;

	pudu_mutex_lock(&lock);
	if (generation_of(key) & 1) {
		atomic_fetch_add_explicit(&keys[key].generation, 1, memory_order_relaxed);
		error = 0;
	}
	pudu_mutex_unlock(&lock);
	return error;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
	uint32_t generation = generation_of(key);

	if (!(generation & 1))
		return EINVAL;
	values[key] = (struct value){ (void *)(uintptr_t)value, generation };
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	uint32_t generation = generation_of(key);

	if (!(generation & 1) || values[key].generation != generation)
		return NULL;
	return values[key].value;
}

/* Call the destructors of all values that are not NULL, once. Result: was there any? */
static bool specific_round(void)
{
	bool any = false;

	for (pthread_key_t i = 0; i < PTHREAD_KEYS_MAX; i++) {
		void *value = pthread_getspecific(i);
		void (*destructor)(void *) = keys[i].destructor;

		if (value == NULL || destructor == NULL)
			continue;
		values[i].value = NULL;
		destructor(value);
		any = true;
	}
	return any;
}

void pudu_specific_end(void)
{
	for (unsigned i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS; i++)
		if (!specific_round())
			return;
}
