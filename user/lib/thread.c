/* SPDX-License-Identifier: MIT */
/*
 * thread.c - see <pudu/thread.h>.
 *
 * A thread's addresses, upwards: an unmapped page, the stack, its record, its TLS block.
 */
#include <pudu/thread.h>

#include <picotls.h>
#include <stdlib.h>

#include <pudu/calls.h>
#include <pudu/handle.h>
#include <pudu/memory.h>

#include "internal.h"

#define GUARD	  PUDU_PAGE_SIZE
#define TLS_ALIGN 64 /* as user.ld aligns the block */
#define STACK_MAX 0x40000000

/* Map an area with room for `stack` bytes of stack. Result: its record, or NULL. */
static struct pudu_thread *thread_area(size_t stack)
{
	size_t tls_size = (_tls_size() + TLS_ALIGN - 1) & ~(size_t)(TLS_ALIGN - 1);
	size_t size = GUARD + PUDU_PAGES(stack + sizeof(struct pudu_thread) + tls_size);
	uint64_t area = pudu_addresses_take(size, PUDU_PAGE_SIZE), tls = area + size - tls_size;
	struct pudu_thread *thread = (struct pudu_thread *)tls - 1;

	if (area == 0)
		return NULL;
	if (pudu_map_fresh(area + GUARD, size - GUARD, PUDU_R | PUDU_W) != PUDU_OK) {
		pudu_addresses_give(area, size);
		return NULL;
	}
	_init_tls((void *)tls);
	thread->tls = (void *)tls;
	thread->area = area;
	thread->size = size;
	return thread;
}

static void thread_area_give(struct pudu_thread *thread)
{
	uint64_t area = thread->area;
	size_t size = thread->size;

	pudu_unmap(PUDU_OWN_VAS, area + GUARD, size - GUARD);
	pudu_addresses_give(area, size);
}

/* Make the executor of a thread and put the thread in the list, in one step for _exit(). */
static int64_t thread_executor_create(struct pudu_thread *thread)
{
	uint64_t slot = pudu_slots_take(1);
	struct pudu_result result;

	if (slot == 0)
		return PUDU_ERR_MEMORY;
	thread->executor = PUDU_HANDLE(slot);
	pudu_mutex_lock(&pudu_threads_lock);
	result = pudu_executor_create(PUDU_HANDLE(slot), PUDU_OWN_VAS, pudu_self,
				      (uint64_t)pudu_thread_entry, (uint64_t)thread,
				      (uint64_t)thread);
	if (result.status == PUDU_OK) {
		thread->next = pudu_threads;
		thread->link = &pudu_threads;
		if (thread->next != NULL)
			thread->next->link = &thread->next;
		pudu_threads = thread;
	}
	pudu_mutex_unlock(&pudu_threads_lock);
	if (result.status != PUDU_OK)
		pudu_slots_give(slot, 1);
	return result.status;
}

int64_t pudu_thread_prepare(struct pudu_thread **thread, int64_t (*function)(void *),
			    void *argument, size_t stack)
{
	struct pudu_thread *new;
	int64_t status;

	if (stack < PUDU_PAGE_SIZE || stack > STACK_MAX)
		return PUDU_ERR_LENGTH;
	new = thread_area(stack);
	if (new == NULL)
		return PUDU_ERR_MEMORY;
	new->function = function;
	new->argument = argument;
	status = thread_executor_create(new);
	if (status != PUDU_OK)
		thread_area_give(new);
	else
		*thread = new;
	return status;
}

int64_t pudu_thread_create(struct pudu_thread **thread, int64_t (*function)(void *), void *argument)
{
	int64_t status = pudu_thread_prepare(thread, function, argument, PUDU_THREAD_STACK);

	if (status == PUDU_OK)
		pudu_thread_start(*thread);
	return status;
}

void pudu_thread_start(struct pudu_thread *thread)
{
	pudu_executor_start(thread->executor);
}

uint64_t pudu_thread_executor(const struct pudu_thread *thread)
{
	return thread->executor;
}

_Noreturn void pudu_thread_main(struct pudu_thread *self)
{
	pudu_self = self->executor;
	pudu_self_thread = self;
	pudu_thread_exit(self->function(self->argument));
}

_Noreturn void pudu_thread_exit(int64_t code)
{
	if (pudu_self_thread == NULL)
		exit((int)code);
	if (pudu_stdio_flush != NULL)
		pudu_stdio_flush();
	for (;;)
		pudu_terminate(0, (uint64_t)code);
}

void pudu_thread_join(struct pudu_thread *thread, struct pudu_thread_end *end)
{
	struct pudu_executor_end how = { 0, 0, 0 };

	while (!pudu_executor_ended(thread->executor, &how))
		pudu_executor_end_wait();
	if (end != NULL)
		*end = (struct pudu_thread_end){ how.code, how.faulted, how.address };
	pudu_mutex_lock(&pudu_threads_lock);
	*thread->link = thread->next;
	if (thread->next != NULL)
		thread->next->link = thread->link;
	pudu_mutex_unlock(&pudu_threads_lock);
	pudu_handle_close(thread->executor);
	thread_area_give(thread);
}
