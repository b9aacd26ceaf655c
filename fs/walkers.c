/* Who has read which kind of directory last. */
#include "fs/walkers.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ecr/name.h"
#include "fs/caller.h"
#include "fs/path.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many processes, the latest, and threads of each. */
#define WALKERS_MAX 16
#define THREADS_MAX 8

/* A person takes longer from seeing a name to opening it; a program that waits for an answer of ECR
 * in between may take longer too, but then it is known already. */
#define AT_ONCE_NS (500 * NS_PER_MS)

struct walker {
	pid_t process; /* 0: free */
	pid_t threads[THREADS_MAX];
	unsigned next_thread;
	uint64_t listed_ns;
	uint64_t entered_ns;
	unsigned entered;                /* directories of images, so far */
	const struct registry *registry; /* of the directory that it began with, as the next one;
	                                  * NULL: of none yet */
	char top[PATH_SIZE];
	bool has_come_down; /* to one below that */
};

struct walkers {
	pthread_mutex_t lock;
	struct walker walkers[WALKERS_MAX];
};

int walkers_new(struct walkers **ret_walkers)
{
	struct walkers *walkers = calloc(1, sizeof(*walkers));

	if (!walkers)
		return -ENOMEM;
	pthread_mutex_init(&walkers->lock, NULL);
	*ret_walkers = walkers;
	return 0;
}

void walkers_free(struct walkers *walkers)
{
	if (!walkers)
		return;
	pthread_mutex_destroy(&walkers->lock);
	free(walkers);
}

static uint64_t last_ns(const struct walker *walker)
{
	return walker->entered_ns > walker->listed_ns ? walker->entered_ns : walker->listed_ns;
}

static bool is_recent(const struct walker *walker, uint64_t now_ns)
{
	return walker->process && now_ns < last_ns(walker) + AT_ONCE_NS;
}

static bool has_thread(const struct walker *walker, pid_t thread)
{
	for (unsigned i = 0; i < THREADS_MAX; i++)
		if (walker->threads[i] == thread)
			return true;
	return false;
}

/* The process of the thread, if it has read a directory just now. A thread that has been seen is
 * not looked up again: within so short a time its number is nobody else's. */
static struct walker *find_recent(struct walkers *walkers, pid_t thread, uint64_t now_ns,
                                  pid_t *ret_process)
{
	*ret_process = 0;
	if (thread <= 0)
		return NULL;
	for (unsigned i = 0; i < WALKERS_MAX; i++) {
		struct walker *walker = &walkers->walkers[i];

		if (is_recent(walker, now_ns) && has_thread(walker, thread))
			return walker;
	}
	*ret_process = caller_process(thread);
	for (unsigned i = 0; *ret_process && i < WALKERS_MAX; i++) {
		struct walker *walker = &walkers->walkers[i];

		if (!is_recent(walker, now_ns) || walker->process != *ret_process)
			continue;
		walker->threads[walker->next_thread++ % THREADS_MAX] = thread;
		return walker;
	}
	return NULL;
}

/* In place of the one that has been idle for longest. */
static struct walker *begin(struct walkers *walkers, pid_t process, pid_t thread)
{
	struct walker *idlest = &walkers->walkers[0];

	for (unsigned i = 1; i < WALKERS_MAX; i++)
		if (last_ns(&walkers->walkers[i]) < last_ns(idlest))
			idlest = &walkers->walkers[i];
	*idlest = (struct walker){.process = process, .threads = {thread}, .next_thread = 1};
	return idlest;
}

/* One of several directories that a program was told to read is not below the one before. */
static void note_top(struct walker *walker, const struct registry *registry, const char *path)
{
	bool is_below = walker->registry == registry && name_is_below(path, walker->top);

	if (!is_below) {
		walker->registry = registry;
		snprintf(walker->top, sizeof(walker->top), "%s", path);
		walker->has_come_down = false;
	} else if (strcmp(path, walker->top) != 0) {
		walker->has_come_down = true;
	}
}

void walkers_list(struct walkers *walkers, pid_t thread, const struct registry *registry,
                  const char *path, uint64_t now_ns)
{
	SCOPED_LOCK(&walkers->lock);
	pid_t process;
	struct walker *walker = find_recent(walkers, thread, now_ns, &process);

	if (!walker && process)
		walker = begin(walkers, process, thread);
	if (!walker)
		return;
	note_top(walker, registry, path);
	walker->listed_ns = now_ns;
}

bool walkers_enter(struct walkers *walkers, pid_t thread, uint64_t now_ns)
{
	SCOPED_LOCK(&walkers->lock);
	pid_t process;
	struct walker *walker = find_recent(walkers, thread, now_ns, &process);

	if (!walker)
		return false;
	walker->entered_ns = now_ns;
	walker->entered++;
	return true;
}

struct reader walkers_reader(struct walkers *walkers, pid_t thread, uint64_t now_ns)
{
	SCOPED_LOCK(&walkers->lock);
	pid_t process;
	const struct walker *walker = find_recent(walkers, thread, now_ns, &process);

	if (!walker || now_ns >= walker->entered_ns + AT_ONCE_NS)
		return (struct reader){0};
	return (struct reader){.walked = walker->entered, .is_from_above = walker->has_come_down};
}
