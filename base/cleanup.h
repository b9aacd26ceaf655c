/* Scoped cleanup: `CLEANUP(free_string) char *text` frees on every way out of the block. */
#ifndef ECRFS_BASE_CLEANUP_H
#define ECRFS_BASE_CLEANUP_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void free_string(char **text)
{
	free(*text);
}

/* For one that is a secret. */
static inline void wipe_string(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
}

static inline void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

static inline void unlock_mutex(pthread_mutex_t **mutex)
{
	if (*mutex)
		pthread_mutex_unlock(*mutex);
}

static inline pthread_mutex_t *lock_mutex(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	return mutex;
}

/* Holds the mutex until the end of the enclosing block. */
#define SCOPED_LOCK(mutex)                                                                         \
	CLEANUP(unlock_mutex)                                                                      \
	__attribute__((unused)) pthread_mutex_t *scoped_lock = lock_mutex(mutex)

#endif
