/* How a listing lies on disk. Numbers are little-endian, so that machines can share a directory.
 *
 *   "ECRFSLS" version(1) kind(1) pages(4) told_ns(8) n(4)
 *   record × n
 *   key(text)                               of what, and of whom: known at the end only
 *   SHA-256 of all before (32)
 *
 *   text        length(2) bytes NUL         the NUL, so that readers need no copy
 *   repository  name(text) created_ns(8) mutability(1) n(2) filter(text) × n
 *   image       digest(32) size(8) pushed_ns(8) pulled_ns(8) state(1) media type, artifact type
 *               n(4) tag(text) × n
 *   answer      told_ns(8) subject(1) outcome(1) name(text) [repository or image, when found]
 *   account     text
 *   type        0: none; 1 … 16: as the type with that number in this file; 17: text, which gets
 *               the next number, if there is one left
 *
 * No library: what Debian has (CBOR, msgpack, protobuf) would still need bounds, texts that are not
 * copied, the checksum and the key around it, which is most of what is here.
 */
#ifndef ECRFS_STORE_LISTING_FORMAT_H
#define ECRFS_STORE_LISTING_FORMAT_H

#include "base/digest.h"

#define LISTING_MAGIC      "ECRFSLS"
#define LISTING_MAGIC_SIZE (sizeof(LISTING_MAGIC) - 1)
#define LISTING_VERSION    1

/* Where `pages`, `told_ns` and `n` are, which are filled in at the end. */
#define LISTING_PAGES_OFFSET (LISTING_MAGIC_SIZE + 2)
#define LISTING_TOLD_OFFSET  (LISTING_PAGES_OFFSET + 4)
#define LISTING_N_OFFSET     (LISTING_TOLD_OFFSET + 8)

#define LISTING_SUM_SIZE DIGEST_BYTES

/* A million images with a tag each take about 85 MB. */
#define LISTING_MAX_BYTES ((size_t)128 << 20)

/* Images have few types: so many are told once. */
#define LISTING_TYPES_MAX 16
#define LISTING_TYPE_NONE 0
#define LISTING_TYPE_NEW  (LISTING_TYPES_MAX + 1)

#define LISTING_TEXT_MAX 65535

#endif
