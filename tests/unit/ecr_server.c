/* Starts a server in Python, and reads its first line. */
#include "tests/unit/ecr_server.h"
#include "tests/unit/unit_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_server(const char *config, int out)
{
	dup2(out, STDOUT_FILENO);
	if (chdir(TESTS_DIR) == 0)
		execl("/usr/bin/python3", "python3", "-m", "ecr_server", "--config", config, NULL);
	_exit(127);
}

void ecr_server_init(struct ecr_server *server, const char *config)
{
	int ends[2];
	unsigned port;
	FILE *lines;

	assert_int_equal(pipe(ends), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (server->pid == 0)
		run_server(config, ends[1]);
	close(ends[1]);
	lines = fdopen(ends[0], "r");
	assert_int_equal(fscanf(lines, "{\"port\": %u", &port), 1);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u", port);
	fclose(lines);
}

void ecr_server_deinit(struct ecr_server *server)
{
	int status;

	assert_int_equal(kill(server->pid, SIGTERM), 0);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
