/* HTTP answers as they come from the wire, through libcurl; and what is made of their headers. */
#include "base/clock.h"
#include "base/log.h"
#include "ecr/api_wire.h"
#include "ecr/clock_skew.h"
#include "ecr/error.h"
#include "ecr/retry.h"
#include "net/http.h"
#include "net/loop.h"
#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <uv.h>

#define MAX_ANSWER_BYTES 1000

static struct loop *loop;
static struct log *log;
static int listener, log_file;
static char url[64];

static void make_log(void)
{
	char path[64];

	log_file = memfd_create("log", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", log_file);
	MUST(log_new(clock_system(), LEVEL_ERROR, &log) == 0);
	MUST(log_to_file(log, path) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	(void)argc;
	(void)argv;
	setenv("no_proxy", "*", 1);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	MUST(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 16) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	MUST(loop_new(&loop) == 0);
	make_log();
	return 0;
}

static void check_error(const struct http_answer *answer, enum api_service service)
{
	char code[JSON_CODE_SIZE], message[JSON_MESSAGE_SIZE];

	api_wire_read_error(service, answer, code, message);
	MUST(strlen(code) < sizeof(code) && strlen(message) < sizeof(message));
	MUST(api_error_of(code, answer->code).status != STATUS_OK);
}

/* Whatever a server writes there, it is one line of the log. */
static void check_log(const char *text)
{
	char line[4096];
	ssize_t size;

	MUST(ftruncate(log_file, 0) == 0);
	log_write(log, LEVEL_ERROR, "%s", text);
	size = pread(log_file, line, sizeof(line), 0);
	MUST(size > 0 && line[size - 1] == '\n');
	for (ssize_t i = 0; i < size - 1; i++)
		MUST((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
}

static void check_headers(const struct http_answer *answer)
{
	const char *request_id = api_wire_header(answer, "x-amzn-requestid");
	int64_t time_s;

	MUST(fuzz_is_same(request_id, api_wire_header(answer, "X-AMZN-RequestId")));
	check_log(request_id);
	MUST(retry_after_ms(api_wire_header(answer, "x-amz-retry-after")) <= 1000000000);
	if (clock_skew_parse_date(api_wire_header(answer, "date"), &time_s))
		MUST(time_s >= 0);
}

static void answered(void *arg, const struct http_answer *answer)
{
	bool *done = arg;

	MUST(!*done);
	*done = true;
	MUST(answer->body[answer->body_size] == '\0');
	MUST(answer->body_size <= MAX_ANSWER_BYTES);
	MUST(!answer->oversized || answer->status == STATUS_PROTOCOL);
	if (answer->status != STATUS_OK) {
		MUST(answer->code == 0 && answer->body_size == 0);
		MUST(answer->error[0]);
		return;
	}
	MUST(answer->heard && answer->code > 0 && answer->code < 1000);
	MUST(!answer->error[0]);
	check_headers(answer);
	check_error(answer, API_ECR);
	check_error(answer, API_STS);
}

static void turn(uv_run_mode mode)
{
	uv_run(loop_uv(loop), mode);
	loop_run_once(loop);
}

/* Takes the request, and answers it with these bytes. */
static void serve(const uint8_t *data, size_t size)
{
	int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char request[4096];

	MUST(connection >= 0);
	for (int i = 0; recv(connection, request, sizeof(request), MSG_DONTWAIT) <= 0; i++) {
		MUST(i < 1000);
		turn(UV_RUN_ONCE);
	}
	MUST(send(connection, data, size, MSG_NOSIGNAL) == (ssize_t)size);
	close(connection);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_config config = {
	        .user_agent = "fuzz",
	        .max_connections = 1,
	        .connect_timeout_ns = 60 * NS_PER_S,
	        .read_timeout_ns = 60 * NS_PER_S,
	};
	struct http_request request = {
	        .url = url, .body = "{}", .body_size = 2, .max_answer_bytes = MAX_ANSWER_BYTES};
	struct http *http;
	bool done = false;

	/* One each time: a kept connection would make of two inputs one. */
	MUST(http_new(loop, &config, &http) == 0);
	MUST(http_send(http, &request, answered, &done) == 0);
	turn(UV_RUN_NOWAIT);
	serve(data, size);
	while (!done)
		turn(UV_RUN_ONCE);
	http_free(http);
	turn(UV_RUN_NOWAIT);
	return 0;
}
