/* SPDX-License-Identifier: MIT */
/* arguments.c - see fuzz.h: what abi/syscalls.def says about the arguments of a call. */
#include "fuzz.h"

#define BIT(error) (1u << -(error))
#define DIRTY_STEP (256 * PAGE_SIZE) /* how far a kernel entry of dirty goes: a6 is a multiple */

uint64_t rights_of_flags(uint64_t flags)
{
	return (flags & PUDU_R ? PTE_R : 0) | (flags & PUDU_W ? PTE_W : 0) |
	       (flags & PUDU_X ? PTE_X : 0);
}

static unsigned vas_argument(uint64_t handle, bool write, unsigned *number)
{
	for (unsigned i = 0; i < SPACES; i++) {
		*number = i;
		if (handle == handle_of(i, true))
			return 0;
		if (handle == handle_of(i, false))
			return write ? BIT(PUDU_ERR_RIGHT) : 0;
	}
	*number = 0;
	return BIT(PUDU_ERR_HANDLE);
}

/* *area: AREA_*; AREA_NEVER: it is in none. */
static unsigned range_argument(uint64_t start, uint64_t length, unsigned *area)
{
	static const struct {
		uint64_t start, end;
	} areas[] = { { 0, 0 },
		      { PUDU_MEMORY_START, PUDU_MEMORY_END },
		      { PUDU_HANDLES, PUDU_HANDLES_END },
		      { PUDU_MEMORY48_START, PUDU_MEMORY48_END } };
	unsigned errors = 0;

	if (start % PAGE_SIZE != 0)
		errors |= BIT(PUDU_ERR_ADDRESS);
	if (length == 0 || length % PAGE_SIZE != 0)
		errors |= BIT(PUDU_ERR_LENGTH);
	for (*area = pt_levels == 4 ? AREA_HIGH : AREA_HANDLES; *area != AREA_NEVER; --*area)
		if (start >= areas[*area].start && start < areas[*area].end)
			break;
	if (*area == AREA_NEVER)
		errors |= BIT(PUDU_ERR_ADDRESS);
	else if (length > areas[*area].end - start)
		errors |= BIT(PUDU_ERR_LENGTH);
	return errors;
}

static unsigned rights_argument(uint64_t flags, bool handles)
{
	uint64_t rights = flags & (PUDU_R | PUDU_W | PUDU_X);
	bool bad = rights == 0 || (rights & (PUDU_R | PUDU_W)) == PUDU_W;

	if (handles)
		bad = rights != PUDU_R && rights != (PUDU_R | PUDU_W);
	return bad ? BIT(PUDU_ERR_ARGUMENT) : 0;
}

static unsigned kind_argument(struct call *call, bool handles)
{
	uint64_t flags = call->flags & ~(uint64_t)(PUDU_R | PUDU_W | PUDU_X);
	static const uint64_t kinds[] = { [KIND_FRESH] = PUDU_MAP_FRESH,
					  [KIND_LAZY] = PUDU_MAP_LAZY,
					  [KIND_SHARE] = PUDU_MAP_SHARE,
					  [KIND_MOVE] = PUDU_MAP_MOVE,
					  [KIND_COW] = PUDU_MAP_COW };

	call->replace = (flags & PUDU_MAP_REPLACE) != 0;
	flags &= ~(uint64_t)PUDU_MAP_REPLACE;
	for (unsigned i = 0; i < 5; i++) {
		if (flags != kinds[i])
			continue;
		call->kind = (enum mapping_kind)i;
		return handles && i != KIND_SHARE && i != KIND_MOVE ? BIT(PUDU_ERR_ARGUMENT) : 0;
	}
	call->kind = KIND_FRESH;
	return BIT(PUDU_ERR_ARGUMENT);
}

static unsigned source_arguments(struct call *call, bool handles)
{
	unsigned area, errors;

	if (call->kind == KIND_FRESH || call->kind == KIND_LAZY) {
		call->from = call->to;
		return call->from_vas != 0 || call->source != 0 ? BIT(PUDU_ERR_ARGUMENT) : 0;
	}
	errors = vas_argument(call->from_vas, call->kind != KIND_SHARE, &call->from) |
		 range_argument(call->source, call->length, &area);
	if (area != AREA_NEVER && (area == AREA_HANDLES) != handles)
		errors |= BIT(PUDU_ERR_ADDRESS);
	if (call->replace && call->from == call->to && call->source < call->start + call->length &&
	    call->start < call->source + call->length)
		errors |= BIT(PUDU_ERR_ARGUMENT);
	return errors;
}

static void fill_in(struct call *call)
{
	unsigned end;

	call->rights = rights_of_flags(call->flags);
	call->cell = cell_of(call->start);
	call->first = cell_of(call->start + call->done) - call->cell;
	end = call->start + call->length == cell_at[cells] ? cells
							   : cell_of(call->start + call->length);
	call->n = end - call->cell;
	call->source_cell =
		call->number == CALL_MAP && call->kind != KIND_FRESH && call->kind != KIND_LAZY
			? cell_of(call->source)
			: call->cell;
}

unsigned model_arguments(struct call *call)
{
	unsigned area, errors = vas_argument(call->vas, true, &call->to);

	errors |= range_argument(call->start, call->length, &area);
	bool handles = area == AREA_HANDLES;

	call->from = call->to;
	call->kind = KIND_FRESH;
	call->replace = false;
	if (call->done % PAGE_SIZE != 0 || call->done > call->length)
		errors |= BIT(PUDU_ERR_ARGUMENT);
	if (call->number == CALL_MAP) {
		errors |= rights_argument(call->flags, handles) | kind_argument(call, handles);
		if ((call->flags & ~0x3f7ull) != 0)
			errors |= BIT(PUDU_ERR_ARGUMENT);
		errors |= source_arguments(call, handles);
	} else if (call->number == CALL_PROTECT) {
		errors |= rights_argument(call->flags, handles);
		if ((call->flags & ~7ull) != 0)
			errors |= BIT(PUDU_ERR_ARGUMENT);
	} else if (call->number == CALL_DIRTY) {
		if (handles || call->flags % 8 != 0)
			errors |= BIT(PUDU_ERR_ADDRESS);
		if (call->done % DIRTY_STEP != 0 || call->done >= call->length)
			errors |= BIT(PUDU_ERR_ARGUMENT);
	}
	if ((space[call->to]->flags | space[call->from]->flags) & VAS_DEAD)
		errors |= BIT(PUDU_ERR_DEAD);
	if ((errors & ~BIT(PUDU_ERR_DEAD)) == 0)
		fill_in(call);
	return errors;
}

static bool on_cells(uint64_t start, uint64_t length)
{
	unsigned first = cell_of(start);
	uint64_t end = start + length;

	return cell_at[first] == start && (end == cell_at[cells] || cell_at[cell_of(end)] == end);
}

bool model_can(const struct call *call)
{
	bool paired = call->source_cell != call->cell || call->from != call->to;

	if (!on_cells(call->start, call->length) ||
	    !on_cells(call->start + call->done, PAGE_SIZE * (call->done < call->length) *
							cell_pages(call->cell + call->first)))
		return false;
	if (paired && !on_cells(call->source, call->length))
		return false;
	for (unsigned i = 0; i < call->n; i++) {
		bool gap = cell_pages(call->cell + i) != 1;

		if (paired && cell_pages(call->source_cell + i) != cell_pages(call->cell + i))
			return false;
		/* Who makes frames or words for a gap needs more than there are. */
		if (gap && (call->number == CALL_DIRTY ||
			    (call->number == CALL_MAP &&
			     (call->kind == KIND_FRESH || call->kind == KIND_SHARE))))
			return false;
	}
	return true;
}
