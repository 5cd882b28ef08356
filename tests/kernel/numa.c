/* SPDX-License-Identifier: MIT */
/*
 * numa.c - on a machine of NUMA nodes, memory comes from the node of the hart that asks, and from
 *the others when that is used up.
 *
 *	numa [nodes=N] [each=HARTS] [distance=D]
 *
 * Which hart worked is told by its share of the count of free frames, which moves with every frame
 *that it takes; which node the frames came from is told by the counts of the nodes.
 */
#include <stdio.h>

#include "check.h"

/* Not on 2 MiB and less than that: single frames. */
#define FRESH	   (PUDU_R | PUDU_W | PUDU_MAP_FRESH)
#define PIECE	   0x100000ull
#define START(i)   (TEST_MEMORY + PUDU_PAGE_SIZE + (uint64_t)(i)*0x40000000)
#define CACHED	   64  /* frames that a hart may keep for itself, */
#define BLOCK	   512 /* and frames of a block that it prepares */
#define BIG_PIECE  0x800000ull
#define ROUNDS_MAX 50 /* until all harts have taken part */

/* The counts at one moment. */
struct counts {
	int64_t share[PUDU_MAX_HARTS];
	int64_t free[PUDU_MAX_NODES];
};

/* What happened between two moments, by nodes. */
struct change {
	int64_t by_harts[PUDU_MAX_NODES]; /* frames that its harts took */
	int64_t of_node[PUDU_MAX_NODES];  /* frames that were taken of it */
};

static struct counts look(void)
{
	struct counts now;

	for (unsigned i = 0; i < PUDU_MAX_HARTS; i++)
		now.share[i] = pudu_info()->free[i].frames;
	for (unsigned n = 0; n < PUDU_MAX_NODES; n++)
		now.free[n] = pudu_info()->node_free[n];
	return now;
}

static struct change since(const struct counts *before)
{
	struct counts now = look();
	struct change change = { { 0 }, { 0 } };

	for (unsigned i = 0; i < pudu_info()->harts; i++)
		change.by_harts[pudu_info()->hart_node[i]] += before->share[i] - now.share[i];
	for (unsigned n = 0; n < pudu_info()->nodes; n++)
		change.of_node[n] = before->free[n] - now.free[n];
	return change;
}

static void the_nodes_are_told(void)
{
	const struct pudu_info *info = pudu_info();
	uint64_t each = check_argument("each", info->harts), frames = 0;
	int64_t free = 0;

	CHECK_EQUAL(info->nodes, check_argument("nodes", 1));
	for (unsigned i = 0; i < info->harts; i++)
		CHECK_EQUAL(info->hart_node[i], info->hart_id[i] / each);
	for (unsigned a = 0; a < info->nodes; a++) {
		CHECK_EQUAL(info->node_id[a], a);
		for (unsigned b = 0; b < info->nodes; b++)
			CHECK_EQUAL(info->distance[a][b],
				    a == b ? 10 : check_argument("distance", 20));
		CHECK(info->node_free[a] >= 0);
		CHECK((uint64_t)info->node_free[a] <= info->node_frames[a]);
		frames += info->node_frames[a];
		free += info->node_free[a];
	}
	CHECK_EQUAL(frames, info->frames);
	CHECK(free <= (int64_t)pudu_free_frames());
	CHECK(free + (int64_t)((CACHED + BLOCK) * info->harts) >= (int64_t)pudu_free_frames());
	for (unsigned n = (unsigned)info->nodes; n < PUDU_MAX_NODES; n++)
		CHECK_EQUAL(info->node_frames[n], 0);
}

static unsigned n_pieces;

static int64_t take_pieces(void *argument)
{
	uint64_t at = START((uint64_t)argument);

	for (unsigned i = 0; i < n_pieces; i++)
		if (!CHECK_OK(pudu_map(PUDU_OWN_VAS, at + i * PIECE, PIECE, 0, 0, FRESH)))
			return 1;
	return 0;
}

static int64_t give_pieces(void *argument)
{
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, START((uint64_t)argument), n_pieces * PIECE));
	return 0;
}

/* Everybody at once. Result: have the harts of every node taken so much that it tells something? */
static bool all_take(int64_t kept)
{
	bool enough = true;
	struct counts before;
	struct change change;

	check_nap();
	before = look();
	check_on_all_harts(take_pieces);
	change = since(&before);
	for (unsigned n = 0; n < pudu_info()->nodes; n++) {
		printf("  node %u: its harts took %lld frames, and of it were taken %lld\n", n,
		       (long long)change.by_harts[n], (long long)change.of_node[n]);
		CHECK(change.of_node[n] <= change.by_harts[n] + kept);
		CHECK(change.of_node[n] >= change.by_harts[n] - kept);
		enough &= change.by_harts[n] > kept + kept / 2;
	}
	return enough;
}

/* They give back what may well be another hart's: it goes to where it came from. */
static void each_hart_takes_from_its_own_node(void)
{
	const struct pudu_info *info = pudu_info();
	int64_t kept = (CACHED + BLOCK) * (int64_t)info->harts;
	struct counts before;
	struct change change;
	bool enough = false;

	/* Half of all, in equal parts. */
	n_pieces = (unsigned)(pudu_free_frames() * PUDU_PAGE_SIZE / 2 / info->harts / PIECE);
	for (unsigned round = 0; round < ROUNDS_MAX && !enough; round++) {
		before = look();
		enough = all_take(kept);
		check_on_all_harts(give_pieces);
		check_nap();
		change = since(&before);
		for (unsigned n = 0; n < info->nodes; n++)
			CHECK(change.of_node[n] <= kept && change.of_node[n] >= -kept);
	}
	CHECK(enough);
}

/* A piece was taken by the harts of one node: of the others as much as was lacking there. */
static void check_piece(const struct counts *before)
{
	const struct pudu_info *info = pudu_info();
	struct change change = since(before);
	int64_t idle = CACHED * (int64_t)info->harts; /* idle harts fill their caches */
	/* Whoever comes by on its way makes a hart prepare a block. */
	int64_t prepared = BLOCK * (int64_t)(info->harts / info->nodes);
	int64_t need = (int64_t)(BIG_PIECE / PUDU_PAGE_SIZE) + BLOCK + idle;
	bool lack = false;

	for (unsigned n = 0; n < info->nodes; n++)
		lack |= change.by_harts[n] > 0 && before->free[n] < need;
	for (unsigned n = 0; n < info->nodes; n++)
		if (!lack && change.by_harts[n] <= 0)
			CHECK(change.of_node[n] <= idle + prepared);
}

/* By small leaves: a large one takes a whole block, from another node if the nearest has none. */
static struct pudu_result map_small(uint64_t at, uint64_t length)
{
	struct pudu_result result = { PUDU_OK, 0 };
	uint64_t done = 0;

	for (; done < length && result.status == PUDU_OK; done += result.value)
		result = pudu_map(PUDU_OWN_VAS, at + done, PIECE, 0, 0, FRESH);
	result.value = done;
	return result;
}

static void when_a_node_is_used_up_the_others_give(void)
{
	const struct pudu_info *info = pudu_info();
	uint64_t start = START(0), at = start, length = BIG_PIECE, largest = 0;
	struct counts before, first = look();
	struct change change;

	do {
		before = look();
		struct pudu_result result = map_small(at, length);

		at += result.value;
		check_piece(&before);
		if (result.status != PUDU_OK && CHECK_EQUAL(result.status, PUDU_ERR_MEMORY))
			length = length > PIECE ? PIECE : 0;
	} while (length != 0);

	change = since(&first);
	for (unsigned n = 0; n < info->nodes; n++) {
		printf("  node %u: its harts took %lld frames, and of it were taken %lld\n", n,
		       (long long)change.by_harts[n], (long long)change.of_node[n]);
		CHECK(info->node_free[n] < (int64_t)(info->node_frames[n] / 8));
		if (info->node_frames[n] > largest)
			largest = info->node_frames[n];
	}
	CHECK((at - start) / PUDU_PAGE_SIZE > largest || info->nodes == 1);
	CHECK_OK(pudu_unmap(PUDU_OWN_VAS, start, at - start));
}

int main(int argc, char **argv)
{
	static const struct check_case cases[] = {
		CASE(the_nodes_are_told),
		CASE(each_hart_takes_from_its_own_node),
		CASE(when_a_node_is_used_up_the_others_give),
	};

	return check_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
