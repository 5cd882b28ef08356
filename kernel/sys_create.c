/* SPDX-License-Identifier: MIT */
/* sys_create.c - executor_create, and the birth of executors. */
#include "abi/memory.h"
#include "abi/status.h"
#include "kernel/budget.h"
#include "kernel/hart.h"
#include "kernel/mapping.h"
#include "kernel/pt.h"
#include "kernel/quiesce.h"
#include "kernel/shortage.h"
#include "kernel/syscall.h"
#include "kernel/user.h"
#include "riscv/pte.h"

/* Registers: as after a call that answered 0, if a0 is to be 0; else all are written. */
static inline void set_registers(struct executor *executor, uint64_t pc, uint64_t sp,
				 uint64_t argument)
{
	uint64_t *x = executor->x - 1; /* x[n] is xn */

	executor->pc = pc;
	x[X_SP] = sp;
	x[1] = x[3] = x[4] = x[8] = x[9] = 0;
	x[18] = x[19] = x[20] = x[21] = x[22] = x[23] = x[24] = x[25] = x[26] = x[27] = 0;
	executor->context = CONTEXT_CALL;
	if (argument == 0)
		return;
	x[5] = x[6] = x[7] = x[11] = x[12] = x[13] = x[14] = x[15] = x[16] = x[17] = 0;
	x[28] = x[29] = x[30] = x[31] = 0;
	x[X_A0] = argument;
	executor->context = CONTEXT_FULL;
}

/* A plain store: nobody else knows the word yet. GCC makes an atomic exchange of the stores of C11.
 */
static inline void word_init(_Atomic uint64_t *word, uint64_t value)
{
	*(uint64_t *)(void *)word = value;
}

/*
 * What is read before it is written. The rest of the page has any contents: f, as long as fp_tag is
 * 0, registers that its context says are 0, code and address until DEAD.
 */
static inline void make(struct executor *executor, struct frame *frame, struct vas *account,
			uint64_t pc, uint64_t sp, uint64_t argument)
{
	set_registers(executor, pc, sp, argument);
	word_init(&executor->timer, TIMER_NONE);
	*(struct hart **)(void *)&executor->hart = NULL;
	executor->fp_tag = 0;
	executor->frame = frame;
	word_init(&executor->ended, 0);
	executor->short_of = 0;
	executor->buried = 0;
	word_init(&executor->over, 0);
	executor->account = account;
	word_init(&executor->state, STATE_STOPPED);
	word_init(&executor->caller, 0);
	executor->place = PLACE_NONE;
	*(struct mcs_node **)(void *)&executor->callers_lock.tail = NULL;
	executor->callers = NULL;
	executor->kept = NULL;
	executor->resource.tag = 0;
	executor->resource.self = executor;
	frame->head = FRAME_HEAD(FRAME_EXECUTOR, 1); /* for dumps it is an executor from here on */
}

/* With a page from the caches. NULL: no memory. */
static struct executor *make_new(struct vas *account, uint64_t pc, uint64_t sp, uint64_t argument)
{
	struct executor *executor = frame_take_raw();

	if (executor != NULL)
		make(executor, frame_of(phys(executor)), account, pc, sp, argument);
	return executor;
}

/* Make it an executor of @vas, which is not dead. @root: as in satp. Result: its tag.
 * REQUIRES(vas->lock) */
static inline uint64_t join(struct executor *executor, struct vas *vas, struct executor *supervisor,
			    uint64_t root)
{
	struct executor *members = vas->members;

	executor->vas = vas;
	executor->root = root;
	executor->supervisor = supervisor;
	vas->executors += 2;
	executor->member = members;
	executor->member_of = &vas->members;
	if (members != NULL)
		members->member_of = &executor->member;
	vas->members = executor;

	uint64_t tag = atomic_fetch_add_explicit(&global->next_id, 1, memory_order_relaxed) << 8 |
		       RESOURCE_EXECUTOR;

	executor->badge = tag;
	return tag;
}

/* The same; who finds the tag, by a handle, can open it from now on. */
static void join_and_show(struct executor *executor, struct vas *vas, struct executor *supervisor)
{
	if (vas->executors == 0)
		frame_get(frame_of(phys(vas))); /* one for all of them */

	uint64_t tag = join(executor, vas, supervisor, phys(vas) >> PAGE_SHIFT);

	/* release: with the tag comes the rest. */
	atomic_thread_fence(memory_order_release);
	*(volatile uint64_t *)&executor->resource.tag = tag;
}

struct executor *executor_new(struct vas *account, struct vas *vas, uint64_t pc, uint64_t sp,
			      uint64_t argument)
{
	struct executor *executor = make_new(account, pc, sp, argument);

	if (executor == NULL)
		return NULL;
	lock_acquire(&vas->lock, LOCK_VAS);
	join_and_show(executor, vas, NULL);
	lock_release(&vas->lock, LOCK_VAS);
	return executor;
}

/*
 * A handle to @executor in @slot of @account, and a life in @home. On an error nothing has changed.
 * REQUIRES(account->lock, home->lock)
 */
static inline int64_t begin(struct executor *executor, struct vas *account, uint64_t slot,
			    struct vas *home, struct executor *supervisor)
{
	uint64_t *entry;
	bool dead = home->flags & VAS_DEAD;
	int64_t status = PUDU_OK;

	if (dead)
		status = pt_find_handle(account, slot, &entry) && *entry != 0 ? PUDU_ERR_EXISTS
									      : PUDU_ERR_DEAD;
	else
		/* Who finds it has to wait until it has a tag. */
		status = mapping_handle(account, slot, executor, PTE_EXECUTOR);
	if (status == PUDU_OK)
		join_and_show(executor, home, supervisor);
	return status;
}

/* The same with the locks, and a reference to the supervisor. */
static inline int64_t begin_locked(struct executor *executor, struct vas *account, uint64_t slot,
				   struct vas *home, struct executor *supervisor)
{
	if (supervisor != NULL && !frame_get_live(supervisor->frame))
		return PUDU_ERR_HANDLE;
	mapping_lock(account, home);
	int64_t status = begin(executor, account, slot, home, supervisor);
	mapping_unlock(account, home);

	if (status != PUDU_OK && supervisor != NULL)
		executor_put(supervisor);
	return status;
}

/* Nothing has changed; the call comes again if there is hope for it. */
static struct result no_memory(void)
{
	return answer(shortage_wait() ? LEAVE_QUEUE : PUDU_ERR_MEMORY, 0);
}

struct result sys_executor_create(uint64_t slot, uint64_t vas, uint64_t supervisor, uint64_t pc,
				  uint64_t sp, uint64_t argument)
{
	struct vas *account = current()->vas;
	struct executor *told = NULL;

	quiesce_note();
	if (handle_check_slot(slot) != PUDU_OK)
		return answer(PUDU_ERR_HANDLE, 0);
	struct handle_result home = handle_open_write(vas, RESOURCE_VAS);
	if (home.status != PUDU_OK)
		return answer(home.status, 0);
	if (supervisor != 0) {
		struct handle_result opened = handle_open_read(supervisor, RESOURCE_EXECUTOR);

		if (opened.status != PUDU_OK)
			return answer(opened.status, 0);
		told = opened.page;
	}
	if (!user_pc(pc))
		return answer(PUDU_ERR_ADDRESS, 0);
	if (!budget_charge(account, 1))
		return answer(PUDU_ERR_MEMORY, 0);

	struct executor *executor = make_new(account, pc, sp, argument);

	if (executor == NULL) {
		budget_give(account, 1);
		shortage_note();
		return no_memory();
	}
	int64_t status = begin_locked(executor, account, slot, home.page, told);

	if (status == PUDU_OK)
		return answer(PUDU_OK, executor->badge >> 8);
	frame_give(executor, executor->frame); /* nobody has known it */
	budget_give(account, 1);
	return status == PUDU_ERR_MEMORY ? no_memory() : answer(status, 0);
}

/*
 * The page that waits longest for the end of its grace period, if that is over on a machine with
 * one hart, which is so as soon as that has noted the epoch; or else one of the cache. NULL: none.
 */
static inline void *take_near(void)
{
	struct executor *dead = this_hart->dead;
	struct frame_cache *dirty = &this_hart->dirty;

	if (dead != NULL && global->n_harts == 1 && frame_is_near(dead)) {
		this_hart->dead = dead->next;
		this_hart->n_dead--;
		return dead;
	}
	if (dirty->count == 0)
		return NULL;
	void *page = dirty->page[dirty->count - 1];

	if (!frame_is_near(page))
		return NULL;
	dirty->count--;
	this_hart->free->frames--;
	return page;
}

/* Charged to @vas, which is not dead; NULL: by the long way. */
static inline struct executor *take_charged(struct vas *vas)
{
	uint64_t account = atomic_load_explicit(&vas->account, memory_order_relaxed);

	if (budget_used(account) >= budget_limit(account))
		return NULL;
	struct executor *executor = take_near();

	if (executor == NULL)
		return NULL;
	if (atomic_compare_exchange_strong(&vas->account, &account, account + budget_account(0, 1)))
		return executor;
	/* Another hart has changed it. The page goes where it is free next. */
	frame_near(executor)->owner = 0;
	executor->next = this_hart->dead;
	if (this_hart->dead == NULL)
		this_hart->dead_last = executor;
	this_hart->dead = executor;
	this_hart->n_dead++;
	return NULL;
}

/* What short_executor_create can't do: another address space, a supervisor, or what is wrong. */
static inline bool is_special(uint64_t slot, uint64_t supervisor, uint64_t pc)
{
	return (((slot >> 30) ^ (PUDU_HANDLES >> 30)) | slot << 52 | supervisor | (pc & 1)) != 0 ||
	       pc >> 30 >= PUDU_HANDLES >> 30 || pc < PUDU_MEMORY_START;
}

/* An executor of the caller's address space: see sys_short.c. */
uint64_t short_executor_create(uint64_t slot, struct vas *home, uint64_t supervisor, uint64_t pc,
			       uint64_t sp, uint64_t argument)
{
	struct vas *account = vas_near(current()->vas);
	uint64_t *entry, tag = SHORT_NOT;

	if (home != account || is_special(slot, supervisor, pc) || this_hart->n_dead >= QUIESCE_FEW)
		return SHORT_NOT;
	quiesce_note_epoch();
	if (!lock_try(&account->lock, LOCK_VAS))
		return SHORT_NOT;
	if (pt_find_handle(home, slot, &entry) && *entry == 0 && frame_is_near(entry) &&
	    (account->flags & VAS_DEAD) == 0) {
		struct frame *table = frame_near(entry);
		struct executor *executor = take_charged(account);

		if (__builtin_expect(executor != NULL, 1)) {
			struct frame *frame = frame_near(executor);

			make(executor, frame, account, pc, sp, argument);
			frame->head = FRAME_HEAD(FRAME_EXECUTOR, 2); /* itself, and the handle */
			tag = join(executor, account, NULL, current()->root);
			executor->resource.tag = tag;
			pt_fill(entry, pte_of(phys(executor), PTE_HANDLE | PTE_EXECUTOR), table);
		}
	}
	lock_release_leaf(&account->lock, LOCK_VAS);
	return tag;
}
