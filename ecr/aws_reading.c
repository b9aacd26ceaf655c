/* Reads the AWS files on a thread that may hang. */
#include "ecr/aws_reading.h"
#include "base/log.h"
#include "ecr/profile_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void note_bad_line(void *arg, unsigned line, const char *what)
{
	struct aws_file_reading *file = arg;

	if (file->bad_lines++ == 0) {
		file->first_bad_line = line;
		file->what = what;
	}
}

static void read_files(struct disk_job *job)
{
	struct aws_reading *reading = (struct aws_reading *)job;

	for (int i = 0; i < N_AWS_FILES; i++) {
		struct aws_file_reading *file = &reading->of[i];

		if (!file->path)
			continue;
		atomic_store(&reading->at, i);
		file->error = profile_file_read(file->path, note_bad_line, file, &file->file);
		if (file->error == -ENOENT)
			file->error = 0;
	}
}

void aws_reading_free(struct aws_reading *reading)
{
	for (int i = 0; i < N_AWS_FILES; i++) {
		profile_file_free(reading->of[i].file);
		free(reading->of[i].path);
	}
	free(reading);
}

/* Answers 0 or -ENOMEM. */
static int copy_paths(struct aws_reading *reading, char *const paths[static N_AWS_FILES])
{
	for (int i = 0; i < N_AWS_FILES; i++) {
		if (!paths[i])
			continue;
		reading->of[i].path = strdup(paths[i]);
		if (!reading->of[i].path)
			return -ENOMEM;
	}
	return 0;
}

int aws_reading_new(char *const paths[static N_AWS_FILES], struct aws_reading **ret_reading)
{
	struct aws_reading *reading = calloc(1, sizeof(*reading));
	int r;

	if (!reading)
		return -ENOMEM;
	reading->job.work = read_files;
	r = copy_paths(reading, paths);
	if (r < 0) {
		aws_reading_free(reading);
		return r;
	}
	*ret_reading = reading;
	return 0;
}

const char *aws_reading_path(const struct aws_reading *reading)
{
	const char *path = reading->of[atomic_load(&reading->at)].path;

	return path ? path : "the AWS files";
}

static void log_file(struct log *log, const struct aws_file_reading *file)
{
	if (file->error)
		log_event(log, LEVEL_ERROR, file->path, "cannot read %s: %s", file->path,
		          strerror(-file->error));
	if (file->bad_lines)
		log_event(log, LEVEL_WARNING, file->path,
		          "%s, line %u is left out: %s (%u such line%s in all)", file->path,
		          file->first_bad_line, file->what, file->bad_lines,
		          file->bad_lines == 1 ? "" : "s");
}

void aws_reading_log(const struct aws_reading *reading, struct log *log)
{
	for (int i = 0; i < N_AWS_FILES; i++)
		log_file(log, &reading->of[i]);
}
