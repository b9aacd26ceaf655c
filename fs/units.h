/* Durations and sizes as people write them in options. Threads: pure. */
#ifndef ECRFS_FS_UNITS_H
#define ECRFS_FS_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a whole number with one of ms, s, m, h, d behind it (`0` needs none), or "forever", which
 * is NS_FOREVER. Answers whether it was that. */
bool units_parse_duration(const char *text, uint64_t *ret_ns);

/* Writes it as it is read: with the largest unit that leaves no rest. */
#define UNITS_TEXT_SIZE 32
void units_format_duration(uint64_t ns, char ret_text[static UNITS_TEXT_SIZE]);
void units_format_size(size_t bytes, char ret_text[static UNITS_TEXT_SIZE]);

/* Reads a whole number of bytes, or of K, M, G (powers of 1,024; in either case, "KiB" as well). */
bool units_parse_size(const char *text, size_t *ret_bytes);

/* Reads a whole number of `min` to `max`, in decimal. */
bool units_parse_number(const char *text, unsigned long min, unsigned long max,
                        unsigned long *ret_number);

#endif
