/* What was read often enough to be read again. */
#include "fs/habit.h"

static unsigned kinds_read(const struct habit *habit)
{
	unsigned kinds = 0;

	for (unsigned i = 0; i < FILE_NUMBERS; i++)
		if (habit->reads[i] >= HABIT_LOOKS / 2)
			kinds |= 1U << i;
	return kinds;
}

void habit_enter(struct habit *habit)
{
	habit->has_names = false;
}

unsigned habit_end(struct habit *habit)
{
	if (habit->kinds && habit->images == HABIT_OFFERS)
		*habit = (struct habit){.kinds = 0};
	else if (!habit->kinds && habit->images == HABIT_LOOKS)
		*habit = (struct habit){.kinds = kinds_read(habit)};
	habit->images++;
	habit->has_names = true;
	return habit->kinds;
}

void habit_read(struct habit *habit, enum file_number file)
{
	if (habit->has_names && habit->reads[file] < UINT8_MAX)
		habit->reads[file]++;
}
