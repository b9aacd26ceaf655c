/* Making sockets for libcurl. */
#include "net/curl_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct curl_sockets *sockets = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd < 0)
		sockets->error = errno;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* libcurl closes the connection of a request that has timed out, but not one of HTTP/2: where
 * nobody answers any more, all later requests would time out on it, too. A little after the first
 * of them has, the kernel ends it. Only what the other side does not acknowledge counts. */
static int limit_silence(void *arg, curl_socket_t socket, curlsocktype purpose)
{
	const struct curl_sockets *sockets = arg;

	(void)purpose;
	(void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &sockets->silence_ms,
	                 sizeof(sockets->silence_ms));
	return CURL_SOCKOPT_OK;
}

void curl_sockets_install(CURL *easy, struct curl_sockets *sockets)
{
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, limit_silence);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, sockets);
}

/* The resolver and OpenSSL, which read files, do not say why they failed. */
static int missing_now(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

enum status curl_sockets_shortage(const struct curl_sockets *sockets, CURLcode result)
{
	int error = sockets->error;

	switch ((int)result) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_SSL_CACERT_BADFILE:
		error = missing_now();
		break;
	case CURLE_COULDNT_CONNECT:
		break;
	default:
		return STATUS_OK;
	}
	return status_of_shortage(error);
}
