/* The words for each status. */
#include "base/status.h"

#include <errno.h>

const char *status_text(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "done";
	case STATUS_ABSENT:
		return "not found";
	case STATUS_DENIED:
		return "denied";
	case STATUS_NO_CREDENTIALS:
		return "no credentials";
	case STATUS_CREDENTIALS_EXPIRED:
		return "credentials expired";
	case STATUS_CREDENTIALS_REJECTED:
		return "credentials rejected";
	case STATUS_THROTTLED:
		return "throttled";
	case STATUS_TIMED_OUT:
		return "timed out";
	case STATUS_UNRESOLVED:
		return "host not reachable";
	case STATUS_REFUSED:
		return "connection refused";
	case STATUS_PROTOCOL:
		return "malformed answer";
	case STATUS_WRONG_BYTES:
		return "bytes do not match the digest";
	case STATUS_NOT_PULLED:
		return "pulling is forbidden by nopull";
	case STATUS_ARCHIVED:
		return "image is archived";
	case STATUS_UNSUPPORTED:
		return "not supported";
	case STATUS_SERVER_ERROR:
		return "server error";
	case STATUS_NO_MEMORY:
		return "out of memory";
	case STATUS_NO_DESCRIPTORS:
		return "out of file descriptors";
	case STATUS_MISCONFIGURED:
		return "configuration error";
	}
	return "unknown status";
}

enum status status_of_shortage(int error)
{
	switch (error) {
	case ENOMEM:
	case ENOBUFS:
		return STATUS_NO_MEMORY;
	case EMFILE:
	case ENFILE:
		return STATUS_NO_DESCRIPTORS;
	default:
		return STATUS_OK;
	}
}

bool status_is_transient(enum status status)
{
	switch (status) {
	case STATUS_CREDENTIALS_EXPIRED:
	case STATUS_THROTTLED:
	case STATUS_TIMED_OUT:
	case STATUS_UNRESOLVED:
	case STATUS_REFUSED:
	case STATUS_PROTOCOL:
	case STATUS_SERVER_ERROR:
	case STATUS_NO_MEMORY:
	case STATUS_NO_DESCRIPTORS:
		return true;
	case STATUS_OK:
	case STATUS_ABSENT:
	case STATUS_DENIED:
	case STATUS_NO_CREDENTIALS:
	case STATUS_CREDENTIALS_REJECTED:
	case STATUS_WRONG_BYTES:
	case STATUS_NOT_PULLED:
	case STATUS_ARCHIVED:
	case STATUS_UNSUPPORTED:
	case STATUS_MISCONFIGURED:
		break;
	}
	return false;
}
