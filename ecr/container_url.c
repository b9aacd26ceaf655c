/* Choice and check of the URL. Host and port go through `ecr/endpoint.c`, so that what is checked
 * is what is asked: there can be no user, escape or second host in them. */
#include "ecr/container_url.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The task metadata endpoint of ECS. */
#define ECS_ORIGIN "http://169.254.170.2"

/* ECS, and the agent of EKS Pod Identity. */
static const char *const addresses[] = {"169.254.170.2", "169.254.170.23"};
#define EKS_ADDRESS6 "fd00:ec2::23"

static bool is_allowed4(const struct in_addr *address)
{
	struct in_addr allowed;

	if (ntohl(address->s_addr) >> 24 == 127)
		return true;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (inet_pton(AF_INET, addresses[i], &allowed) == 1 &&
		    allowed.s_addr == address->s_addr)
			return true;
	return false;
}

static bool is_allowed6(const struct in6_addr *address)
{
	struct in6_addr allowed;

	return IN6_IS_ADDR_LOOPBACK(address) || (inet_pton(AF_INET6, EKS_ADDRESS6, &allowed) == 1 &&
	                                         memcmp(&allowed, address, sizeof(allowed)) == 0);
}

/* libcurl knows `localhost` without asking anybody. Figures must be those of inet_pton(3): what
 * else libcurl takes for an address ("127.1") is a name here. */
static bool is_allowed(const char *host)
{
	struct in6_addr address6;
	struct in_addr address;
	char name[ENDPOINT_URL_SIZE];
	size_t length = host[0] == '[' ? strcspn(host, "]") : strcspn(host, ":");

	snprintf(name, sizeof(name), "%.*s", (int)length - (host[0] == '['),
	         host + (host[0] == '['));
	if (host[0] == '[')
		return inet_pton(AF_INET6, name, &address6) == 1 && is_allowed6(&address6);
	if (inet_pton(AF_INET, name, &address) == 1)
		return is_allowed4(&address);
	return strcmp(name, "localhost") == 0;
}

/* What libcurl would change on its way, or refuse, is refused here. */
static bool is_path(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || strchr("\"#<>\\^`{|}", *text))
			return false;
	return true;
}

static enum container_url_answer read_url(const char *url, char *ret_url, char *ret_host)
{
	const char *scheme_end = strstr(url, "://");
	const char *authority = scheme_end ? scheme_end + strlen("://") : url;
	size_t length = (size_t)(authority - url) + strcspn(authority, "/?");
	const char *path = url + length;
	struct endpoint endpoint;
	char origin[ENDPOINT_URL_SIZE];

	if (length >= sizeof(origin) || strlen(path) >= CONTAINER_URL_SIZE - ENDPOINT_URL_SIZE ||
	    !is_path(path))
		return CONTAINER_URL_BAD;
	snprintf(origin, sizeof(origin), "%.*s", (int)length, url);
	if (endpoint_read_url(origin, &endpoint) != ENDPOINT_FOUND)
		return CONTAINER_URL_BAD;
	strcpy(ret_host, endpoint.host);
	if (strncmp(endpoint.url, "https:", strlen("https:")) != 0 && !is_allowed(endpoint.host))
		return CONTAINER_URL_NOT_ALLOWED;
	/* The origin ends in the slash that a path begins with. */
	snprintf(ret_url, CONTAINER_URL_SIZE, "%s%s", endpoint.url, path + (*path == '/'));
	return CONTAINER_URL_FOUND;
}

enum container_url_answer container_url_choose(const char *relative, const char *full,
                                               char ret_url[static CONTAINER_URL_SIZE],
                                               char ret_host[static ENDPOINT_URL_SIZE])
{
	char url[CONTAINER_URL_SIZE];

	ret_host[0] = '\0';
	if (!relative && !full)
		return CONTAINER_URL_NONE;
	if (!relative)
		return read_url(full, ret_url, ret_host);
	/* Without the slash it would go on with the host's name. */
	if (relative[0] != '/' || strlen(relative) >= sizeof(url) - sizeof(ECS_ORIGIN))
		return CONTAINER_URL_BAD;
	snprintf(url, sizeof(url), ECS_ORIGIN "%s", relative);
	return read_url(url, ret_url, ret_host);
}
