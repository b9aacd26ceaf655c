/* From what is nearest, this machine, to what is farthest: a call of which the server knows. */
#include "fs/check.h"
#include "base/cleanup.h"
#include "fs/check_calls.h"
#include "fs/check_identity.h"
#include "fs/check_machine.h"
#include "fs/mountpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define UPDATEDB_CONF "/etc/updatedb.conf"

static void check_machine(struct check *check)
{
	const char *path = check->options->mountpoint;
	CLEANUP(free_string) char *absolute = path ? mountpoint_resolve(path) : NULL;

	check_fuse(&check->report, check->options->allow_other);
	if (path)
		check_mountpoint(&check->report, path);
	check_updatedb(&check->report, UPDATEDB_CONF, absolute);
	check_report_show(&check->report);
}

static const struct check_registry *first_reached(const struct check *check,
                                                  const struct check_identity *identity)
{
	for (const struct check_registry *one = check->registries; one->named; one++)
		if (one->is_reached && one->identity == identity)
			return one;
	return NULL;
}

static void check_service(struct check *check)
{
	for (struct check_identity *one = check->identities; one->first; one++) {
		check_credentials(check, one);
		check_report_show(&check->report);
	}
	for (struct check_registry *one = check->registries; one->named; one++) {
		check_endpoint(check, one);
		check_report_show(&check->report);
	}
	for (struct check_identity *one = check->identities; one->first; one++) {
		const struct check_registry *reached = first_reached(check, one);

		if (one->has_credentials && reached)
			check_account(check, one, reached);
		check_report_show(&check->report);
	}
	for (const struct check_registry *one = check->registries; one->named; one++) {
		if (one->is_reached && one->identity->has_credentials)
			check_registry(check, one);
		check_report_show(&check->report);
	}
}

/* Answers 0 or -errno. */
static int list_registries(struct check *check)
{
	const struct options *options = check->options;

	check->registries = calloc(options->n_registries + 1, sizeof(*check->registries));
	if (!check->registries)
		return -ENOMEM;
	for (size_t i = 0; i < options->n_registries; i++)
		check->registries[i].named = &options->registries[i];
	return check_identities_list(check);
}

int check_run(const struct options *options, bool *ret_is_stuck)
{
	struct check check = {.options = options};
	enum check_exit exit_code = CHECK_EXIT_SYSTEM;
	int r;

	check_report_init(&check.report, stdout, options->json);
	check_machine(&check);
	r = list_registries(&check);
	if (r == 0) {
		r = check_asker_init(&check.asker, options);
		if (r == 0)
			check_service(&check);
		*ret_is_stuck = !check_asker_deinit(&check.asker);
	}
	if (r == 0)
		exit_code = check_report_end(&check.report);
	else
		fprintf(stderr, "ecrfs: cannot start: %s\n", strerror(-r));
	check_report_deinit(&check.report);
	free(check.registries);
	free(check.identities);
	return exit_code;
}
