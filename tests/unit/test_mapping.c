/* SPDX-License-Identifier: MIT */
/*
 * test_mapping.c - map, unmap and protect with random arguments, beside a model.
 *
 * After each call the tables say what the model says; when all is unmapped, all frames are free.
 * RAM is so small that calls run out of it at every possible point.
 */
#include "fixture_mapping.h"

struct job {
	unsigned to, from, page, source, n;
	uint64_t rights;
};

static struct change change_of(const struct job *job)
{
	return (struct change){
		.to = space[job->to],
		.from = space[job->from],
		.start = address_of(job->page),
		.source = address_of(job->source),
		.length = job->n * PAGE_SIZE,
		.rights = job->rights,
	};
}

static int64_t fresh(const struct job *job)
{
	static const char zeros[PAGE_SIZE];
	struct change change = change_of(job);
	int64_t status = run(mapping_fresh, &change);

	for (unsigned i = 0; i < change.done / PAGE_SIZE; i++) {
		uint64_t leaf = *pt_find(space[job->to], address_of(job->page + i)).entry;
		void *page = virt(pte_physical(leaf));

		assert_int_equal(model[job->to][job->page + i].physical, 0);
		assert_memory_equal(page, zeros, PAGE_SIZE);
		memset(page, 0x5a, PAGE_SIZE);
		model[job->to][job->page + i].physical = pte_physical(leaf);
		model[job->to][job->page + i].rights = job->rights;
	}
	if (status == PUDU_ERR_EXISTS)
		assert_true(model[job->to][job->page + change.done / PAGE_SIZE].physical != 0);
	return status;
}

static int64_t share(const struct job *job, bool move)
{
	struct change change = change_of(job);

	change.kind = move ? KIND_MOVE : KIND_SHARE;
	int64_t status = run(mapping_share, &change);

	for (unsigned i = 0; i < change.done / PAGE_SIZE; i++) {
		unsigned to = job->page + i, from = job->source + i;

		assert_int_equal(model[job->to][to].physical, 0);
		assert_true(model[job->from][from].physical != 0);
		assert_int_equal(job->rights & ~model[job->from][from].rights, 0);
		model[job->to][to].physical = model[job->from][from].physical;
		model[job->to][to].rights = job->rights;
		if (move)
			model[job->from][from].physical = 0;
	}
	return status;
}

static int64_t removal(const struct job *job)
{
	struct change change = change_of(job);
	int64_t status = run(mapping_remove, &change);

	assert_int_equal(status, PUDU_OK); /* only small leaves: nothing to split */
	for (unsigned i = 0; i < job->n; i++)
		model[job->to][job->page + i].physical = 0;
	return status;
}

static int64_t protection(const struct job *job)
{
	struct change change = change_of(job);
	int64_t status = run(mapping_protect, &change);

	for (unsigned i = 0; i < change.done / PAGE_SIZE; i++) {
		assert_true(model[job->to][job->page + i].physical != 0);
		model[job->to][job->page + i].rights = job->rights;
	}
	return status;
}

static struct job random_job(uint64_t *seed)
{
	static const uint64_t rights[] = { PTE_R, PTE_R | PTE_W, PTE_R | PTE_X, PTE_X, PTE_RWX };
	struct job job = {
		.to = (unsigned)random_below(seed, SPACES),
		.from = (unsigned)random_below(seed, SPACES),
		.n = 1 + (unsigned)random_below(seed, random_below(seed, 4) == 0 ? 300 : 20),
		.rights = rights[random_below(seed, 5)],
	};

	job.page = (unsigned)(random_below(seed, REGIONS) * REGION_PAGES +
			      random_below(seed, REGION_PAGES - job.n));
	job.source = (unsigned)(random_below(seed, REGIONS) * REGION_PAGES +
				random_below(seed, REGION_PAGES - job.n));
	return job;
}

/* Unmap everything: no frame and no table may be left. */
static void end_spaces(void)
{
	for (unsigned s = 0; s < SPACES; s++) {
		for (unsigned r = 0; r < REGIONS; r++)
			removal(&(struct job){
				.to = s, .page = r * REGION_PAGES, .n = REGION_PAGES });
		for (unsigned i = 0; i < VAS_USER_ENTRIES; i++)
			assert_int_equal(space[s]->user[i], 0);
	}
	compare_all();
	assert_int_equal(free_frames(), frame_boot_total() - SPACES);
}

static void random_calls(unsigned levels, uint64_t ram, uint64_t seed, unsigned long *errors)
{
	new_spaces(levels, ram);
	for (unsigned i = 0; i < 400; i++) {
		struct job job = random_job(&seed);
		uint64_t kind = random_below(&seed, 10);
		int64_t status = kind < 4   ? fresh(&job)
				 : kind < 6 ? share(&job, false)
				 : kind < 7 ? share(&job, true)
				 : kind < 9 ? removal(&job)
					    : protection(&job);

		errors[-status]++;
		if (i % 10 == 0)
			compare_all();
	}
	compare_all();
	end_spaces();
}

static void the_tables_say_what_the_model_says(void **state)
{
	unsigned long errors[16] = { 0 };

	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		random_calls(3 + seed % 2, (2 + seed % 3) << 20, seed, errors);
	assert_true(errors[0] > 500);
	assert_true(errors[-PUDU_ERR_EXISTS] > 50);
	assert_true(errors[-PUDU_ERR_ADDRESS] > 50);
	assert_true(errors[-PUDU_ERR_RIGHT] > 10);
	assert_true(errors[-PUDU_ERR_MEMORY] > 10);
}

/* What if memory runs out at the n-th frame that a call takes? What was done is right, nothing
 * leaks. */
static void memory_may_run_out_at_every_point(void **state)
{
	(void)state;
	for (unsigned levels = 3; levels <= 4; levels++) {
		for (unsigned left = 0; left < 24; left++) {
			struct job job = { .page = 250, .n = 20, .rights = PTE_R | PTE_W };
			void *chain = NULL, *page;

			new_spaces(levels, 2 << 20);
			while ((uint64_t)free_frames() > left) {
				page = frame_take(FRAME_FIXED);
				*(void **)page = chain;
				chain = page;
			}
			int64_t status = fresh(&job);

			assert_int_equal(status,
					 left < 20 + levels - 1 ? PUDU_ERR_MEMORY : PUDU_OK);
			compare_all();
			removal(&job);
			assert_int_equal(free_frames(), left);
			for (; chain != NULL; chain = page) {
				page = *(void **)chain;
				frame_give(chain, frame_of(phys(chain)));
			}
			end_spaces();
		}
	}
}

/* A hart may remember instructions of what was in the frame before. */
static void a_page_of_code_that_is_settled_is_fetched_anew(void **state)
{
	uint64_t at = region[1], rights[] = { PTE_R | PTE_X, PTE_R | PTE_W };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct change lazy = { .to = NULL, .start = at, .length = PAGE_SIZE };
		struct change copy = { .start = at, .length = PAGE_SIZE, .source = at };

		new_spaces(3, 2 << 20);
		lazy.to = copy.from = space[0];
		copy.to = space[1];
		lazy.rights = rights[i];
		copy.rights = rights[i] | PTE_W;
		copy.kind = KIND_COW;
		code_fences = 0;
		assert_int_equal(run(mapping_lazy, &lazy), PUDU_OK);
		assert_int_equal(settle_fault(space[0], at, PTE_R), PUDU_OK);
		assert_int_equal(code_fences, rights[i] & PTE_X ? 1 : 0);
		assert_int_equal(run(mapping_share, &copy), PUDU_OK);
		assert_int_equal(settle_fault(space[1], at, PTE_W), PUDU_OK);
		assert_int_equal(code_fences, rights[i] & PTE_X ? 2 : 0);
		lazy.done = copy.done = 0;
		assert_int_equal(run(mapping_remove, &lazy), PUDU_OK);
		assert_int_equal(run(mapping_remove, &copy), PUDU_OK);
		end_spaces();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_say_what_the_model_says),
		cmocka_unit_test(memory_may_run_out_at_every_point),
		cmocka_unit_test(a_page_of_code_that_is_settled_is_fetched_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
