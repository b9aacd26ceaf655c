/* Rules from settings and profile. */
#include "ecr/retry_rules.h"
#include "base/log.h"
#include "ecr/profile.h"

#include <stddef.h>

void retry_rules_init(struct retry_rules *rules, const struct aws_settings *settings,
                      struct profile *profile, struct log *log)
{
	*rules = (struct retry_rules){
	        .profile = profile,
	        .log = log,
	        .adaptive = settings->retry_mode == RETRY_MODE_ADAPTIVE,
	        .max_attempts = RETRY_RULES_MAX_ATTEMPTS,
	        .mode_given = settings->retry_mode != RETRY_MODE_NOT_GIVEN,
	        .attempts_given = settings->max_attempts,
	};
	if (rules->attempts_given)
		rules->max_attempts = settings->max_attempts;
	rules->asked = rules->mode_given && rules->attempts_given;
}

void retry_rules_deinit(struct retry_rules *rules)
{
	if (rules->profile)
		profile_forget(rules->profile, rules);
}

/* The AWS CLI would refuse to start. A mount is there already, and can be read all the same. */
static void complain(const struct retry_rules *rules, const char *key, const char *value,
                     const char *wanted)
{
	log_event(rules->log, LEVEL_WARNING, key,
	          "%s = %s in profile %s is left out: it should be %s", key, value,
	          profile_name(rules->profile), wanted);
}

static void take_mode(struct retry_rules *rules, const char *value)
{
	enum retry_mode mode;

	if (!aws_settings_parse_retry_mode(value, &mode)) {
		complain(rules, "retry_mode", value, "standard, adaptive or legacy");
		return;
	}
	rules->adaptive = mode == RETRY_MODE_ADAPTIVE;
	rules->mode_of_profile = true;
}

static void take_attempts(struct retry_rules *rules, const char *value)
{
	unsigned attempts;

	if (!aws_settings_parse_attempts(value, &attempts)) {
		complain(rules, "max_attempts", value, "a whole number above 0");
		return;
	}
	rules->max_attempts = attempts;
	rules->attempts_of_profile = true;
}

static void profile_was_read(void *arg, int error, const struct profile_content *content)
{
	struct retry_rules *rules = arg;
	const char *mode = error ? NULL : profile_get(content, "retry_mode");
	const char *attempts = error ? NULL : profile_get(content, "max_attempts");

	/* Else the next call has it read again. */
	rules->asked = profile_trouble(error, STATUS_OK) == STATUS_OK;
	if (mode && !rules->mode_given)
		take_mode(rules, mode);
	if (attempts && !rules->attempts_given)
		take_attempts(rules, attempts);
}

void retry_rules_complete(struct retry_rules *rules)
{
	if (!rules->asked)
		rules->asked = profile_read_soon(rules->profile, profile_was_read, rules) == 0;
}
