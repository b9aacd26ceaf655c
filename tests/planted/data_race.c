/* Two threads change a number, and no lock says who is first. Many times: on a loaded machine one
 * round in fifty is not caught. */
#include <pthread.h>
#include <stddef.h>

#define ROUNDS 100

static int number;

static void *change(void *arg)
{
	(void)arg;
	for (int i = 0; i < 1000; i++)
		number++;
	return NULL;
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, change, NULL) != 0)
			return 0;
		change(NULL);
		pthread_join(thread, NULL);
	}
	return number == 0;
}
