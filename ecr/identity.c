/* The account behind a key. */
#include "ecr/identity.h"
#include "ecr/credentials.h"

#include <stdio.h>
#include <string.h>

/* Whether `text` starts with an account id and not with a longer number. */
static bool starts_with_account(const char *text, size_t size)
{
	size_t digits = 0;

	while (digits < size && text[digits] >= '0' && text[digits] <= '9')
		digits++;
	return digits == REGISTRY_ACCOUNT_DIGITS;
}

const char *identity_account(const struct identity *identity, const struct credentials *credentials)
{
	const char *told = credentials_account(credentials);

	if (told && registry_is_account(told))
		return told;
	if (identity->account[0] &&
	    strcmp(identity->key_id, credentials_access_key_id(credentials)) == 0)
		return identity->account;
	return NULL;
}

void identity_learn(struct identity *identity, const struct credentials *credentials,
                    const char *account)
{
	const char *key_id = credentials_access_key_id(credentials);

	if (!registry_is_account(account) || strlen(key_id) >= sizeof(identity->key_id))
		return;
	snprintf(identity->key_id, sizeof(identity->key_id), "%s", key_id);
	snprintf(identity->account, sizeof(identity->account), "%s", account);
}

/* Not parsed: a quote inside a string of JSON is escaped, so that these bytes are a member. */
void identity_learn_from_answer(struct identity *identity, const struct credentials *credentials,
                                const char *body, size_t size)
{
	static const char member[] = "\"registryId\":";
	const char *end = body + size, *at = memmem(body, size, member, sizeof(member) - 1);
	char account[REGISTRY_ACCOUNT_DIGITS + 1];

	if (!at)
		return;
	at += sizeof(member) - 1;
	while (at < end && *at == ' ')
		at++;
	if (at == end || *at++ != '"' || !starts_with_account(at, (size_t)(end - at)))
		return;
	memcpy(account, at, REGISTRY_ACCOUNT_DIGITS);
	account[REGISTRY_ACCOUNT_DIGITS] = '\0';
	identity_learn(identity, credentials, account);
}
