/* What went wrong below HTTP, by libcurl's account. */
#include "net/curl_status.h"

#include <errno.h>

static enum status connect_status(CURL *easy)
{
	enum status shortage;
	long os_error = 0;

	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	switch (os_error) {
	case ECONNREFUSED:
		return STATUS_REFUSED;
	case ETIMEDOUT:
		return STATUS_TIMED_OUT;
	default:
		break;
	}
	shortage = status_of_shortage((int)os_error);
	return shortage != STATUS_OK ? shortage : STATUS_UNRESOLVED;
}

/* Of HTTP/2, a body that is cut is how libcurl tells that the connection broke, at times before
 * there was a head. */
static enum status partial_status(CURL *easy)
{
	long version = 0, code = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	return version == CURL_HTTP_VERSION_2_0 || !code ? STATUS_SERVER_ERROR : STATUS_PROTOCOL;
}

/* libcurl is content with "HTTP/2 0" and "HTTP/2 -7". */
static enum status answer_status(CURL *easy)
{
	long code = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
	return code >= 100 && code <= 999 ? STATUS_OK : STATUS_PROTOCOL;
}

enum status curl_status(CURL *easy, CURLcode result)
{
	switch ((int)result) {
	case CURLE_OK:
		return answer_status(easy);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return STATUS_UNRESOLVED;
	case CURLE_COULDNT_CONNECT:
		return connect_status(easy);
	case CURLE_PARTIAL_FILE:
		return partial_status(easy);
	case CURLE_OPERATION_TIMEDOUT:
		return STATUS_TIMED_OUT;
	case CURLE_OUT_OF_MEMORY:
		return STATUS_NO_MEMORY;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2: /* the connection of this and other requests */
	case CURLE_HTTP2_STREAM:
		return STATUS_SERVER_ERROR;
	default:
		return STATUS_PROTOCOL; /* also bad encodings, and our own limit */
	}
}

bool curl_is_broken(CURLcode result, enum status status)
{
	switch ((int)result) {
	case CURLE_PARTIAL_FILE:
	case CURLE_SSL_CONNECT_ERROR: /* the handshake broke off */
		return true;
	default:
		return status == STATUS_TIMED_OUT || status == STATUS_REFUSED ||
		       status == STATUS_UNRESOLVED || status == STATUS_SERVER_ERROR;
	}
}
