/* SPDX-License-Identifier: MIT */
/* parallel.c - what green threads and channels cost. */
#include "bench.h"

#include <stddef.h>

#include <pudu/channel.h>
#include <pudu/green.h>
#include <pudu/memory.h>
#include <pudu/spawn.h>
#include <pudu/start.h>

#define MESSAGE	    64 /* bytes */
#define BATCH_MAX   64
#define MESSAGES    (BENCH_SAMPLES * 10)
#define SHARED_SIZE (4 * PUDU_PAGE_SIZE)

static _Atomic int stop;
static _Alignas(8) uint8_t messages[BATCH_MAX * MESSAGE];

static void green_partner(void *unused)
{
	(void)unused;
	while (!stop)
		pudu_green_yield();
}

/* Two green threads: from one to the other and back are two switches. */
static void green_measure(void *unused)
{
	(void)unused;
	if (pudu_green_spawn(NULL, green_partner, NULL) != PUDU_OK)
		return;
	BENCH_MEASURE(pudu_green_yield());
	stop = 1;
}

static void bench_green(void)
{
	static const struct pudu_green_options options = { 1, 2, 0 };

	if (pudu_green_run(&options, green_measure, NULL, NULL) != PUDU_OK || !stop) {
		bench_fail("green_switch", "no memory for green threads");
		return;
	}
	bench_print_per_page("green_switch", 2);
}

/* What the two ends share: the shape, then the channel. */
struct shared {
	struct pudu_channel_shape shape;
	_Alignas(64) uint8_t channel[];
};

int bench_receiver(void)
{
	struct shared *shared = pudu_start()->shared;
	uint64_t parent = pudu_start()->parent;
	struct pudu_receiver receiver;

	if (pudu_receiver_open(&receiver, shared->channel, &shared->shape, &parent) != PUDU_OK)
		return 1;
	while (pudu_channel_receive_many(&receiver, messages, BATCH_MAX, PUDU_FOREVER) > 0)
		continue;
	return 0;
}

/* Send all messages, so many at once, through a ring that holds no more. Result: instructions. */
static uint64_t send_all(struct shared *shared, uint32_t batch, uint64_t receiver)
{
	struct pudu_sender sender;
	uint64_t begun = 0;

	pudu_sender_open(&sender, shared->channel, &shared->shape, 0, receiver);
	for (uint32_t sent = 0; sent < MESSAGES + BATCH_MAX; sent += batch) {
		if (sent == BATCH_MAX)
			begun = bench_instructions();
		pudu_channel_send_many(&sender, messages, batch, PUDU_FOREVER);
	}
	begun = bench_instructions() - begun;
	pudu_sender_close(&sender);
	return begun;
}

/* A program sends, another receives. Each of them fills or empties the ring, wakes the other,
 * sleeps. */
static void bench_channel(const char *line, uint32_t batch)
{
	static char name[] = "bench", option[] = "--receiver";
	char *argv[] = { name, option, NULL };
	struct shared *shared = pudu_pages_take(SHARED_SIZE);
	struct pudu_spawn_options options = {
		.path = name, .argv = argv, .shared = shared, .shared_size = SHARED_SIZE
	};
	struct pudu_process process;

	if (shared != NULL)
		shared->shape = (struct pudu_channel_shape){ MESSAGE, batch, 1 };
	if (shared == NULL || pudu_spawn(&options, &process) != PUDU_OK) {
		bench_fail(line, shared == NULL ? "no memory" : process.error);
		return;
	}
	bench_print_value(line, send_all(shared, batch, process.executor) / MESSAGES,
			  "instructions");
	pudu_wait(&process, NULL);
	pudu_release(&process);
	pudu_pages_give(shared, SHARED_SIZE);
}

void bench_parallel(void)
{
	bench_green();
	bench_channel("channel_msg_1", 1);
	bench_channel("channel_msg_64", BATCH_MAX);
}
