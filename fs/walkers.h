/* Programs that go through directory after directory, as `grep -r` and `find` do.
 *
 * A process that reads a directory of names and at once, in the same way, the directory of an image
 * will read all images. One that opens a single file will not; nor will one that is shown the
 * directory of one image, nor a person, who takes longer to choose. Whether it goes on in the next
 * repository shows in where it began: above, or in the repository.
 */
#ifndef ECRFS_FS_WALKERS_H
#define ECRFS_FS_WALKERS_H

#include "cache/asker.h"

#include <sys/types.h>

struct registry;
struct walkers;

/* Answers 0 or -ENOMEM. */
int walkers_new(struct walkers **ret_walkers);
void walkers_free(struct walkers *walkers);

/* All of them: `thread` is the caller's, 0 when it is not known (no walker then); `now_ns` is
 * monotonic. Threads: any; may read /proc. */

/* The thread reads names, of repositories or tags, in the directory of that path. */
void walkers_list(struct walkers *walkers, pid_t thread, const struct registry *registry,
                  const char *path, uint64_t now_ns);

/* The thread reads the directory of an image. Answers whether it does so on a walk. */
bool walkers_enter(struct walkers *walkers, pid_t thread, uint64_t now_ns);

/* How many directories of images the thread's process has read on its walk, and where from; all
 * zero: it is on none. */
struct reader walkers_reader(struct walkers *walkers, pid_t thread, uint64_t now_ns);

#endif
