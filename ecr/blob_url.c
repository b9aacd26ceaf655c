/* Just enough of a URL to know whether to follow it. */
#include "ecr/blob_url.h"

#include <string.h>
#include <strings.h>

/* S3 presigns with about 1,500 characters; a session token makes it twice as many. */
#define URL_MAX 8192

/* What is behind the scheme, or NULL where that is not allowed. */
static const char *skip_scheme(const char *url, bool may_be_plain)
{
	if (strncasecmp(url, "https://", strlen("https://")) == 0)
		return url + strlen("https://");
	if (may_be_plain && strncasecmp(url, "http://", strlen("http://")) == 0)
		return url + strlen("http://");
	return NULL;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool blob_url_check(const char *url, bool may_be_plain, char ret_host[static BLOB_URL_HOST_SIZE])
{
	const char *host = skip_scheme(url, may_be_plain);
	size_t length;

	if (!host || strnlen(url, URL_MAX + 1) > URL_MAX || !is_printable(url))
		return false;
	length = strcspn(host, "/?#");
	if (!length || length >= BLOB_URL_HOST_SIZE || memchr(host, '@', length) ||
	    memchr(host, '\\', length))
		return false;
	memcpy(ret_host, host, length);
	ret_host[length] = '\0';
	return true;
}
