/* What a container's environment and a credential server say: a line for each variable of a URL,
 * and the rest is an answer. */
#include "base/cleanup.h"
#include "ecr/container_url.h"
#include "ecr/credentials.h"
#include "ecr/metadata_credentials.h"
#include "tests/fuzz/credentials_check.h"
#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* As libcurl cuts a URL: the host is what is behind the last @ before the path. */
static void check_host(const char *url)
{
	const char *host = strstr(url, "://") + strlen("://");
	size_t length = strcspn(host, "/?#");
	char name[ENDPOINT_URL_SIZE];
	struct in_addr address;

	MUST(length < sizeof(name) && !memchr(host, '@', length) && !memchr(host, '%', length));
	if (strncmp(url, "https://", strlen("https://")) == 0)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(host, ":/?"), host);
	if (host[0] == '[')
		MUST(strncmp(host, "[::1]", 5) == 0 || strchr(host, ':'));
	else if (inet_pton(AF_INET, name, &address) == 1)
		MUST(ntohl(address.s_addr) >> 24 == 127 || strncmp(name, "169.254.170.2", 13) == 0);
	else
		MUST(strcmp(name, "localhost") == 0);
}

static void check_url(const char *relative, const char *full)
{
	char url[CONTAINER_URL_SIZE], host[ENDPOINT_URL_SIZE];

	if (container_url_choose(relative, full, url, host) != CONTAINER_URL_FOUND)
		return;
	for (const char *c = url; *c; c++)
		MUST(*c > ' ' && *c <= '~');
	MUST(!relative || strncmp(url, "http://169.254.170.2/", 21) == 0);
	check_host(url);
}

/* It is signed with, or sent. */
static void check_text(const char *text)
{
	for (; text && *text; text++)
		MUST(*text > ' ' && *text <= '~');
}

/* It is one line. */
static void check_why(const char why[static METADATA_WHY_SIZE])
{
	MUST(memchr(why, '\0', METADATA_WHY_SIZE) && !strpbrk(why, "\r\n"));
}

static void check_answer(const char *text, size_t size)
{
	struct credentials *credentials = NULL;
	char why[METADATA_WHY_SIZE];

	switch ((int)metadata_credentials_read(text, size, "fuzz", &credentials, why)) {
	case STATUS_OK:
		credentials_check(credentials);
		check_text(credentials_access_key_id(credentials));
		check_text(credentials_secret(credentials));
		check_text(credentials_session_token(credentials));
		check_text(credentials_account(credentials));
		break;
	case STATUS_PROTOCOL:
	case STATUS_NO_CREDENTIALS:
		MUST(!credentials);
		check_why(why);
		break;
	default:
		MUST(false);
	}
	credentials_unref(credentials);
	metadata_error_read(text, size, why);
	check_why(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(free_string) char *text = fuzz_text(data, size);
	const char *lines[2] = {"", ""};
	size_t cut;

	fuzz_cut_lines(text, lines, 2);
	check_url(NULL, lines[0]);
	check_url(lines[1], lines[0]);
	cut = strlen(lines[0]) + strlen(lines[1]) + 2;
	cut = cut < size ? cut : size;
	check_answer((const char *)data + cut, size - cut);
	return 0;
}
