/* Reads the two files of the profile in use.
 *
 *   profile_read ─► reading ──disk──► both files parsed ──loop──► content ─► done
 *
 * A reading has copies of all that the disk thread needs: whoever waits for it, and the profile
 * itself, may be gone before a home directory answers.
 */
#include "ecr/profile.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "ecr/profile_file.h"
#include "ecr/settings.h"
#include "net/loop.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

struct profile {
	struct loop *loop;
	struct log *log;
	char *name;
	bool named;
	char *directory; /* where the process was started; the daemon works in /. NULL: unknown */
	char *paths[N_AWS_FILES]; /* NULL where there is no home directory */
	struct reading *readings; /* those whose reader waits */
};

/* One file, as the disk thread left it. */
struct file_reading {
	char *path;
	int error; /* 0 or -errno */
	struct profile_file *file;
	unsigned bad_lines, first_bad_line;
	const char *what; /* is wrong with the first bad line; static */
};

struct reading {
	struct disk_job job; /* first, so that a job is its reading */
	struct reading *prev, *next;
	struct profile *profile; /* NULL when nobody waits any more */
	struct file_reading files[N_AWS_FILES];
	profile_fn done;
	void *arg;
};

/* The home directory of the passwd entry, heap, or NULL. */
static char *passwd_home(void)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) || !found)
		return NULL;
	return strdup(found->pw_dir);
}

/* Replaces a leading `~`. The answer is heap; NULL without error when there is no home directory.
 * Answers 0 or -ENOMEM. */
static int expand_home(const char *path, char **ret_path)
{
	CLEANUP(free_string) char *from_passwd = NULL;
	const char *home;

	*ret_path = NULL;
	if (path[0] != '~' || (path[1] && path[1] != '/')) {
		*ret_path = strdup(path);
		return *ret_path ? 0 : -ENOMEM;
	}
	home = aws_settings_variable("HOME");
	if (!home)
		home = from_passwd = passwd_home();
	if (!home)
		return 0;
	return asprintf(ret_path, "%s%s", home, path + 1) < 0 ? -ENOMEM : 0;
}

int profile_absolute_path(const struct profile *profile, const char *path, char **ret_path)
{
	char *absolute;
	int n;

	if (path[0] != '/' && !profile->directory)
		return -ENOENT;
	n = path[0] == '/' ? asprintf(&absolute, "%s", path)
	                   : asprintf(&absolute, "%s/%s", profile->directory, path);
	if (n < 0)
		return -ENOMEM;
	*ret_path = absolute;
	return 0;
}

int profile_choose_path(const struct profile *profile, const char *variable, const char *otherwise,
                        char **ret_path)
{
	const char *path = variable ? aws_settings_variable(variable) : NULL;
	CLEANUP(free_string) char *expanded = NULL;
	int r = expand_home(path ? path : otherwise, &expanded);

	return r < 0 || !expanded ? r : profile_absolute_path(profile, expanded, ret_path);
}

static int choose_name(struct profile *profile, const char *option)
{
	const char *name = option && option[0] ? option : aws_settings_variable("AWS_PROFILE");

	if (!name)
		name = aws_settings_variable("AWS_DEFAULT_PROFILE");
	profile->named = name;
	profile->name = strdup(name ? name : "default");
	return profile->name ? 0 : -ENOMEM;
}

int profile_new(struct loop *loop, struct log *log, const char *profile_option,
                struct profile **ret_profile)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	int r;

	if (!profile)
		return -ENOMEM;
	profile->loop = loop;
	profile->log = log;
	profile->directory = getcwd(NULL, 0);
	r = choose_name(profile, profile_option);
	if (r == 0)
		r = profile_choose_path(profile, "AWS_SHARED_CREDENTIALS_FILE",
		                        "~/.aws/credentials", &profile->paths[CREDENTIALS_FILE]);
	if (r == 0)
		r = profile_choose_path(profile, "AWS_CONFIG_FILE", "~/.aws/config",
		                        &profile->paths[CONFIG_FILE]);
	if (r < 0) {
		profile_free(profile);
		return r;
	}
	*ret_profile = profile;
	return 0;
}

int profile_new_of(const struct profile *profile, const char *name, struct profile **ret_profile)
{
	struct profile *other = calloc(1, sizeof(*other));
	bool complete;

	if (!other)
		return -ENOMEM;
	other->loop = profile->loop;
	other->log = profile->log;
	other->named = true;
	other->name = strdup(name);
	complete = other->name;
	if (profile->directory) {
		other->directory = strdup(profile->directory);
		complete = complete && other->directory;
	}
	for (int i = 0; i < N_AWS_FILES; i++) {
		if (!profile->paths[i])
			continue;
		other->paths[i] = strdup(profile->paths[i]);
		complete = complete && other->paths[i];
	}
	if (!complete) {
		profile_free(other);
		return -ENOMEM;
	}
	*ret_profile = other;
	return 0;
}

/* From now on nobody waits for it; its memory is freed when the disk is done with it. */
static void abandon(struct reading *reading)
{
	DL_DELETE(reading->profile->readings, reading);
	reading->profile = NULL;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	while (profile->readings)
		abandon(profile->readings);
	for (int i = 0; i < N_AWS_FILES; i++)
		free(profile->paths[i]);
	free(profile->directory);
	free(profile->name);
	free(profile);
}

void profile_forget(struct profile *profile, const void *arg)
{
	struct reading *reading, *next;

	DL_FOREACH_SAFE (profile->readings, reading, next) {
		if (reading->arg == arg)
			abandon(reading);
	}
}

const char *profile_name(const struct profile *profile)
{
	return profile->name;
}

bool profile_is_named(const struct profile *profile)
{
	return profile->named;
}

static void note_bad_line(void *arg, unsigned line, const char *what)
{
	struct file_reading *file = arg;

	if (file->bad_lines++ == 0) {
		file->first_bad_line = line;
		file->what = what;
	}
}

static void read_files(struct disk_job *job)
{
	struct reading *reading = (struct reading *)job;

	for (int i = 0; i < N_AWS_FILES; i++) {
		struct file_reading *file = &reading->files[i];

		if (!file->path)
			continue;
		file->error = profile_file_read(file->path, note_bad_line, file, &file->file);
		if (file->error == -ENOENT)
			file->error = 0;
	}
}

static void reading_free(struct reading *reading)
{
	for (int i = 0; i < N_AWS_FILES; i++) {
		profile_file_free(reading->files[i].file);
		free(reading->files[i].path);
	}
	free(reading);
}

static void log_file(struct log *log, const struct file_reading *file)
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

static void files_were_read(struct disk_job *job)
{
	struct reading *reading = (struct reading *)job;
	struct profile *profile = reading->profile;
	struct profile_content content;
	int error = 0;

	if (profile) {
		abandon(reading);
		content.name = profile->name;
		for (int i = 0; i < N_AWS_FILES; i++) {
			content.files[i] = reading->files[i].file;
			error = error ? error : reading->files[i].error;
			log_file(profile->log, &reading->files[i]);
		}
		reading->done(reading->arg, error, error ? NULL : &content);
	}
	reading_free(reading);
}

/* Answers 0 or -ENOMEM. */
static int copy_paths(struct reading *reading, const struct profile *profile)
{
	for (int i = 0; i < N_AWS_FILES; i++) {
		if (!profile->paths[i])
			continue;
		reading->files[i].path = strdup(profile->paths[i]);
		if (!reading->files[i].path)
			return -ENOMEM;
	}
	return 0;
}

int profile_read(struct profile *profile, profile_fn done, void *arg)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	int r;

	if (!reading)
		return -ENOMEM;
	reading->job.work = read_files;
	reading->job.done = files_were_read;
	reading->profile = profile;
	reading->done = done;
	reading->arg = arg;
	r = copy_paths(reading, profile);
	if (r == 0)
		r = loop_disk(profile->loop, &reading->job);
	if (r < 0) {
		reading_free(reading);
		return r;
	}
	DL_APPEND(profile->readings, reading);
	return 0;
}
