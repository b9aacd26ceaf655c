/* The mount's region, looked up once and shared by all who ask. */
#include "ecr/region.h"
#include "base/log.h"
#include "ecr/imds.h"
#include "ecr/profile.h"
#include "ecr/registry.h"
#include "net/loop.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct question {
	struct question *next;
	region_fn done;
	void *arg;
};

/* A name that was told is not changed: others may be reading it. */
struct name {
	struct name *before;
	char text[];
};

struct region {
	struct loop *loop;
	struct log *log;
	struct profile *profile;
	struct imds *imds;
	_Atomic(struct name *) name; /* NULL while unknown; those before are behind it */
	const char *origin;          /* NULL: it was known, or is unknown */
	bool is_forgotten;           /* to be looked for again */
	struct question *questions;
	struct loop_task answer_known;
	bool asking;
};

static void answer_all(struct region *region, enum status status)
{
	struct question *question = region->questions, *next;

	region->questions = NULL;
	region->asking = false;
	for (; question; question = next) {
		next = question->next;
		question->done(question->arg, status,
		               status == STATUS_OK ? region_known(region) : NULL);
		free(question);
	}
}

static void answer_known(struct loop_task *task)
{
	struct region *region =
	        (struct region *)((char *)task - offsetof(struct region, answer_known));

	answer_all(region, STATUS_OK);
}

/* Answers whether it is known from now on. */
static bool set_name(struct region *region, const char *text, const char *origin)
{
	struct name *before = region->name;
	size_t size = strlen(text) + 1;
	struct name *name;

	region->origin = origin;
	region->is_forgotten = false;
	if (before && strcmp(before->text, text) == 0)
		return true;
	name = malloc(sizeof(*name) + size);
	if (!name)
		return false;
	name->before = before;
	memcpy(name->text, text, size);
	region->name = name;
	return true;
}

const char *region_known(const struct region *region)
{
	const struct name *name = region->name;

	return name ? name->text : NULL;
}

int region_new(struct loop *loop, struct log *log, struct profile *profile, struct imds *imds,
               const char *known, struct region **ret_region)
{
	struct region *region = calloc(1, sizeof(*region));

	if (!region)
		return -ENOMEM;
	region->loop = loop;
	region->log = log;
	region->profile = profile;
	region->imds = imds;
	region->answer_known.run = answer_known;
	if (known && !set_name(region, known, NULL)) {
		free(region);
		return -ENOMEM;
	}
	*ret_region = region;
	return 0;
}

void region_free(struct region *region)
{
	struct question *question, *next;

	if (!region)
		return;
	loop_unpost(region->loop, &region->answer_known);
	profile_forget(region->profile, region);
	imds_forget(region->imds, region);
	LL_FOREACH_SAFE(region->questions, question, next)
	{
		free(question);
	}
	for (struct name *name = region->name, *before; name; name = before) {
		before = name->before;
		free(name);
	}
	free(region);
}

static void have_no_region(struct region *region, const char *imds_text)
{
	log_event(
	        region->log, LEVEL_ERROR, "no region",
	        "no AWS region: mount with -o region=REGION, set AWS_REGION, or put a region into "
	        "profile %s of the AWS config file (nor has this machine's metadata one: %s)",
	        profile_name(region->profile), imds_text);
	answer_all(region, STATUS_MISCONFIGURED);
}

static void keep(struct region *region, const char *name, const char *origin)
{
	answer_all(region, set_name(region, name, origin) ? STATUS_OK : STATUS_NO_MEMORY);
}

static void imds_answered(void *arg, enum imds_answer answer, enum status status, const char *text,
                          size_t size)
{
	struct region *region = arg;

	if (answer == IMDS_FOUND && size && registry_region_length(text) == size) {
		keep(region, text, "the instance's metadata");
	} else if (answer == IMDS_FOUND) {
		log_event(region->log, LEVEL_ERROR, "no region",
		          "no AWS region: what the instance metadata service gives for it is none; "
		          "mount with -o region=REGION, or set AWS_REGION");
		answer_all(region, STATUS_PROTOCOL);
	} else if (answer == IMDS_FAILED && status != STATUS_MISCONFIGURED) {
		log_event(region->log, LEVEL_ERROR, "no region",
		          "no AWS region from the instance metadata service: %s; mount with -o "
		          "region=REGION, or set AWS_REGION",
		          text);
		answer_all(region, status);
	} else {
		have_no_region(region, text);
	}
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct region *region = arg;
	const char *name = error ? NULL : profile_get(content, "region");
	enum status trouble = profile_trouble(error, STATUS_OK);

	if (name)
		keep(region, name, "region of the profile");
	else if (trouble != STATUS_OK && region->name)
		answer_all(region, STATUS_OK); /* as it was before */
	else if (trouble != STATUS_OK)
		answer_all(region, trouble); /* which the log has */
	else if (imds_get(region->imds, "latest/meta-data/placement/region", imds_answered,
	                  region) < 0)
		answer_all(region, STATUS_NO_MEMORY);
}

const char *region_origin(const struct region *region)
{
	return region->origin;
}

void region_forget(struct region *region)
{
	region->is_forgotten = region->origin;
}

int region_get(struct region *region, region_fn done, void *arg)
{
	struct question *question = calloc(1, sizeof(*question));
	int r = 0;

	if (!question)
		return -ENOMEM;
	question->done = done;
	question->arg = arg;
	if (!region->asking) {
		if (region->name && !region->is_forgotten)
			loop_post(region->loop, &region->answer_known);
		else
			r = profile_read(region->profile, profile_was_read, region);
	}
	if (r < 0) {
		free(question);
		return -ENOMEM;
	}
	region->asking = true;
	LL_APPEND(region->questions, question);
	return 0;
}
