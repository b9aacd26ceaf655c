/* Two threads change a number, and no lock says who is first. */
#include <pthread.h>
#include <stddef.h>

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
	pthread_t thread;

	if (pthread_create(&thread, NULL, change, NULL) != 0)
		return 0;
	change(NULL);
	pthread_join(thread, NULL);
	return number == 0;
}
