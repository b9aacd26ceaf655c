/* Names and sums of request counts. */
#include "fs/requests_count.h"

const char *request_kind_name(enum request_kind kind)
{
	static const char *const names[REQUEST_KINDS] = {
	        "LOOKUP",  "GETATTR",     "READLINK", "OPEN",      "READ",   "OPENDIR",
	        "READDIR", "READDIRPLUS", "GETXATTR", "LISTXATTR", "STATFS", "FORGET",
	};

	return names[kind];
}

uint64_t requests_count_all(struct requests_count *count)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < REQUEST_KINDS; kind++)
		sum += requests_count(count, kind);
	return sum;
}
