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

#define TLS_ALIGN 64 /* as user.ld aligns the block */
#define STACK_MAX 0x40000000

/* Map an area: an unmapped part, then `size` bytes. Result: the start of these, or 0. */
static uint64_t thread_area_take(size_t guard, size_t size)
{
	uint64_t area = pudu_addresses_take(guard + size, PUDU_PAGE_SIZE);

	if (area == 0)
		return 0;
	if (pudu_map_fresh(area + guard, size, PUDU_R | PUDU_W) != PUDU_OK) {
		pudu_addresses_give(area, guard + size);
		return 0;
	}
	return area + guard;
}

static void thread_area_give(uint64_t start, size_t guard, size_t size)
{
	pudu_unmap(PUDU_OWN_VAS, start, size);
	pudu_addresses_give(start - guard, guard + size);
}

/* Find or map the stack, and lay out its upper end. Result: the record there, or NULL. */
static struct pudu_thread *thread_stack(const struct pudu_thread_options *options)
{
	size_t tls_size = (_tls_size() + TLS_ALIGN - 1) & ~(size_t)(TLS_ALIGN - 1);
	size_t above = tls_size + sizeof(struct pudu_thread), guard = PUDU_PAGES(options->guard);
	size_t size = PUDU_PAGES(options->stack + above);
	uint64_t start = (uint64_t)options->memory, tls;
	struct pudu_thread *thread;

	if (start != 0 && options->stack < above + PUDU_PAGE_SIZE)
		return NULL;
	if (start != 0)
		tls = (start + options->stack - tls_size) & ~(uint64_t)(TLS_ALIGN - 1);
	else if ((start = thread_area_take(guard, size)) != 0)
		tls = start + size - tls_size;
	else
		return NULL;
	_init_tls((void *)tls);
	thread = (struct pudu_thread *)tls - 1;
	*thread = (struct pudu_thread){
		.tls = (void *)tls,
		.area = options->memory != NULL ? 0 : start,
		.guard = guard,
		.size = size,
	};
	return thread;
}

static void thread_stack_give(struct pudu_thread *thread)
{
	if (thread->area != 0)
		thread_area_give(thread->area, thread->guard, thread->size);
}

/* Make the executor of a thread and put the thread in the list, in one step for _exit(). */
static int64_t thread_executor_create(struct pudu_thread *thread, uint64_t supervisor)
{
	uint64_t slot = pudu_slots_take(1);
	struct pudu_result result;

	if (slot == 0)
		return PUDU_ERR_MEMORY;
	thread->executor = PUDU_HANDLE(slot);
	pudu_mutex_lock(&pudu_threads_lock);
	result = pudu_executor_create(PUDU_HANDLE(slot), PUDU_OWN_VAS, supervisor,
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

int64_t pudu_thread_prepare_with(struct pudu_thread **thread, int64_t (*function)(void *),
				 void *argument, const struct pudu_thread_options *options)
{
	struct pudu_thread *new;
	int64_t status;

	if (options->stack < PUDU_PAGE_SIZE || options->stack > STACK_MAX ||
	    options->guard > STACK_MAX)
		return PUDU_ERR_LENGTH;
	new = thread_stack(options);
	if (new == NULL)
		return PUDU_ERR_MEMORY;
	new->function = function;
	new->argument = argument;
	status = thread_executor_create(new, options->supervisor);
	if (status != PUDU_OK)
		thread_stack_give(new);
	else
		*thread = new;
	return status;
}

int64_t pudu_thread_prepare(struct pudu_thread **thread, int64_t (*function)(void *),
			    void *argument, size_t stack)
{
	struct pudu_thread_options options = {
		.stack = stack,
		.guard = PUDU_PAGE_SIZE,
		.supervisor = pudu_self,
	};

	return pudu_thread_prepare_with(thread, function, argument, &options);
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
	if (pudu_robust_end != NULL)
		pudu_robust_end(&pudu_self_thread->robust, pudu_self);
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
	pudu_thread_release(thread);
}

void pudu_thread_release(struct pudu_thread *thread)
{
	if (pudu_robust_end != NULL)
		pudu_robust_end(&thread->robust, thread->executor);
	pudu_mutex_lock(&pudu_threads_lock);
	*thread->link = thread->next;
	if (thread->next != NULL)
		thread->next->link = thread->link;
	pudu_mutex_unlock(&pudu_threads_lock);
	pudu_handle_close(thread->executor);
	thread_stack_give(thread);
}
