/* Signs one request, for a referee: the fields as arguments, the body on standard input; prints the
 * two headers. An empty target or token is none. */
#include "ecr/credentials.h"
#include "ecr/sigv4.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	SERVICE = 1,
	REGION,
	HOST,
	CONTENT_TYPE,
	TARGET,
	TIME_S,
	KEY_ID,
	SECRET,
	TOKEN,
	N_ARGUMENTS,
};

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

int main(int argc, char **argv)
{
	static char body[1024 * 1024];
	struct sigv4_signature signature;
	struct sigv4_request request = {.body = body};
	struct credentials *credentials;
	int r;

	if (argc != N_ARGUMENTS)
		return 2;
	request.service = argv[SERVICE];
	request.region = argv[REGION];
	request.host = argv[HOST];
	request.content_type = argv[CONTENT_TYPE];
	request.target = or_null(argv[TARGET]);
	request.time_s = atoll(argv[TIME_S]);
	request.body_size = fread(body, 1, sizeof(body), stdin);
	credentials = credentials_new(argv[KEY_ID], argv[SECRET], or_null(argv[TOKEN]), NULL, 0,
	                              "arguments");
	r = credentials ? sigv4_sign(&request, credentials, &signature) : -1;
	credentials_unref(credentials);
	if (r < 0)
		return 1;
	printf("%s\n%s\n", signature.date, signature.authorization);
	return 0;
}
