/* The value of one option: read from its text, or said on standard error what is wrong with it.
 * Inside of fs/options.
 *
 * A text that is NULL was not given, and leaves the value as it is. All but the last answer whether
 * it is well. Threads: any, before there are others.
 */
#ifndef ECRFS_FS_OPTION_VALUES_H
#define ECRFS_FS_OPTION_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Says that `option`=`text` is not valid, and what is wanted. Answers false. */
bool option_value_invalid(const char *option, const char *text, const char *wanted);

bool option_value_duration(const char *option, const char *text, uint64_t *ret_ns);

/* A limit that must bound something: neither 0 nor forever. */
bool option_value_limit(const char *option, const char *text, uint64_t *ret_ns);

/* A whole number of `min` to `max`. */
bool option_value_number(const char *option, const char *text, unsigned long min, unsigned long max,
                         unsigned *ret_number);

bool option_value_umask(const char *text, mode_t *ret_umask);

/* Whether it can be the name of a region. */
bool option_value_region(const char *text);

/* Names joined with colons: commas separate options. Adds their SHOW_… */
bool option_value_show(const char *text, unsigned *ret_show);

/* The text, or NULL: a value of nothing counts as not given, as for the AWS CLI. Borrowed. */
const char *option_value_given(const char *text);

#endif
