/* SPDX-License-Identifier: MIT */
/*
 * short_ways.c - random yields, parks, unparks, calls and replies, and what they answered, in the
 *order in which it happened, as one number for each seed. On one hart, and as long as no slice
 *ends, nothing but the calls themselves decides that order; so the numbers are the same with
 *fast=off.
 *
 *	short_ways [seeds=N]
 */
#include <stdatomic.h>
#include <stdio.h>

#include "check.h"

#define WORKERS 6
#define STEPS	60
#define QUIET	3 /* rounds in which nothing happens before somebody is helped */

/* What a worker does next, and in which state it is. */
enum act { YIELD, PARK_MISS, PARK, UNPARK, CALL, ACCEPT, REPLY, ACTS };

static struct worker {
	struct pudu_thread *thread;
	uint64_t executor, random;
	uint32_t word;	 /* it parks on this */
	bool has_caller; /* its accept gave one that has no reply yet */
} worker[WORKERS];

static uint64_t digest, happened;
static unsigned stuck; /* times that nobody was parked */

/* FNV-1a, by words. */
static void note(uint64_t value)
{
	digest = (digest ^ value) * 0x100000001b3;
	happened++;
}

static uint64_t next_random(struct worker *self)
{
	self->random = self->random * 6364136223846793005u + 1442695040888963407u;
	return self->random >> 33;
}

static void note_words(const struct pudu_words *answer)
{
	/* The id of a caller counts from the boot; what differs between runs is left out. */
	note(answer->status > 0 ? PUDU_CALLER_KIND(answer->status) : (uint64_t)answer->status);
	for (unsigned i = 0; i < 6; i++)
		note(answer->word[i]);
}

static void serve(struct worker *self, struct pudu_words answer)
{
	self->has_caller = answer.status > 0;
	note_words(&answer);
}

static void park(struct worker *self, uint32_t expected)
{
	note((uint64_t)pudu_park_if((uint64_t)&self->word, expected, PUDU_FOREVER).status);
}

static void act(struct worker *self, enum act act)
{
	struct worker *other = &worker[next_random(self) % WORKERS];
	uint64_t m = next_random(self);
	struct pudu_words answer;

	note((uint64_t)(self - worker) << 8 | act);
	switch (act) {
	case YIELD:
		note((uint64_t)pudu_yield().status);
		break;
	case PARK_MISS:
		park(self, self->word + 1);
		break;
	case PARK:
		park(self, self->word);
		break;
	case UNPARK:
		other->word++;
		note((uint64_t)pudu_unpark(other->executor).status);
		break;
	case CALL:
		answer = pudu_call(other->executor, m, m + 1, m + 2, m + 3, m + 4, m + 5);
		answer.word[4] = answer.word[5] = 0;
		note_words(&answer);
		break;
	case ACCEPT:
		serve(self, m % 2 != 0
				    ? pudu_accept(0, 0, PUDU_FOREVER)
				    : pudu_accept((uint64_t)&self->word, self->word, PUDU_FOREVER));
		break;
	default:
		if (self->has_caller)
			serve(self, pudu_reply_accept(0, m, ~m, m * 3, m * 5, PUDU_FOREVER, 0));
		else
			note((uint64_t)pudu_reply(0, m, 0, 0, 0).status);
	}
}

static int64_t work(void *argument)
{
	struct worker *self = argument;

	for (unsigned step = 0; step < STEPS; step++)
		act(self, (enum act)(next_random(self) % ACTS));
	return 0;
}

/* Nothing happens any more: wake all that a word wakes; if nobody is parked, end the first every
 * second time, and those that wait for it are told. Result: is there one? */
static bool help(void)
{
	unsigned first = WORKERS;
	bool parked = false;

	for (unsigned i = WORKERS; i-- > 0;) {
		uint64_t state = check_state(worker[i].executor);

		note(state);
		if (state & PUDU_STATE_DEAD)
			continue;
		first = i;
		worker[i].word++;
		parked |= state & PUDU_STATE_PARKED;
		pudu_unpark(worker[i].executor);
	}
	if (first == WORKERS)
		return false;
	if (!parked && ++stuck % 2 == 0)
		pudu_terminate(worker[first].executor, 1);
	return true;
}

static void play(uint64_t seed)
{
	uint64_t seen = ~0ull;
	unsigned quiet = 0;

	digest = 0xcbf29ce484222325;
	happened = 0;
	stuck = 0;
	for (unsigned i = 0; i < WORKERS; i++) {
		worker[i] = (struct worker){ .random = seed * 1000 + i };
		CHECK_EQUAL(pudu_thread_prepare(&worker[i].thread, work, &worker[i], 8192),
			    PUDU_OK);
		worker[i].executor = pudu_thread_executor(worker[i].thread);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		pudu_thread_start(worker[i].thread);
	for (;;) {
		pudu_yield();
		quiet = happened == seen ? quiet + 1 : 0;
		seen = happened;
		if (quiet > QUIET && !help())
			break;
	}
	for (unsigned i = 0; i < WORKERS; i++)
		pudu_thread_join(worker[i].thread, NULL);
}

/* Sleep for a moment, in spite of the ends of workers that are told late: whatever slice was
 * running is over. */
static void rest(void)
{
	static const uint32_t word;
	uint64_t until = pudu_ticks() + 100;

	while (pudu_park_if((uint64_t)&word, 0, until).status != PUDU_ERR_DEADLINE)
		continue;
}

static void what_happens_is_a_matter_of_the_seed(void)
{
	uint64_t seeds = check_argument("seeds", 50), first = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		rest();
		play(seed);
		uint64_t before = digest, n = happened;

		rest();
		play(seed);
		if (!CHECK_EQUAL(digest, before))
			printf("  seed %llu\n", (unsigned long long)seed);
		CHECK_EQUAL(happened, n);
		CHECK(digest != first); /* or the seed did nothing */
		first = digest;
		printf("digest %llu %016llx %llu\n", (unsigned long long)seed,
		       (unsigned long long)digest, (unsigned long long)happened);
	}
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = { CASE(what_happens_is_a_matter_of_the_seed) };

	return check_main(argc, argv, cases, 1);
}
