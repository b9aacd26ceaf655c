/* Names and sums of request counts. */
#include "fs/requests_count.h"

const char *request_kind_name(enum request_kind kind)
{
	static const char *const names[REQUEST_KINDS] = {
	        "LOOKUP",      "GETATTR",  "READLINK",  "OPEN",   "READ",   "OPENDIR", "READDIR",
	        "READDIRPLUS", "GETXATTR", "LISTXATTR", "STATFS", "FORGET", "IOCTL",
	};

	return names[kind];
}

bool requests_count_times(enum request_kind kind)
{
	switch (kind) {
	case REQUEST_LOOKUP:
	case REQUEST_GETATTR:
	case REQUEST_READLINK:
	case REQUEST_READ:
	case REQUEST_READDIR:
	case REQUEST_READDIRPLUS:
	case REQUEST_GETXATTR:
	case REQUEST_LISTXATTR:
	case REQUEST_IOCTL:
		return true;
	case REQUEST_OPEN:
	case REQUEST_OPENDIR:
	case REQUEST_STATFS:
	case REQUEST_FORGET:
	case REQUEST_KINDS:
		break;
	}
	return false;
}

/* Those that ended are read first: one that ends meanwhile counts as open, and none as less than
 * none. */
uint64_t requests_count_open(const struct requests_count *count, enum request_kind kind)
{
	uint64_t ended = histogram_count(&count->durations[kind]);
	uint64_t begun = atomic_load(&count->counts[kind]);

	return begun > ended ? begun - ended : 0;
}

uint64_t requests_count_all(struct requests_count *count)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < REQUEST_KINDS; kind++)
		sum += requests_count(count, kind);
	return sum;
}
