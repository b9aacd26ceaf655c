/* Signals to the process, seen on the loop thread. */
#ifndef ECRFS_NET_LOOP_SIGNAL_H
#define ECRFS_NET_LOOP_SIGNAL_H

struct loop;
struct loop_signal;

typedef void (*loop_signal_fn)(void *arg);

/* From now on `fire` is called on the loop thread, some time after such a signal; several may be
 * one call. What the signal did before, it does no more. Answers 0 or -errno. Before loop_start().
 */
int loop_signal_new(struct loop *loop, int signal, loop_signal_fn fire, void *arg,
                    struct loop_signal **ret_signal);

/* Accepts NULL. After loop_stop(), before loop_free(); the signal does again what it does by
 * default. */
void loop_signal_free(struct loop_signal *signal);

#endif
