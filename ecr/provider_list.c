/* One question, handed from provider to provider. */
#include "ecr/provider_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct provider_list {
	provider_list_fn done; /* of the question under way */
	void *arg;
	size_t next; /* behind the one that is asked */
	size_t n;
	struct provider *providers[];
};

int provider_list_new(struct provider *const *providers, size_t n, struct provider_list **ret_list)
{
	struct provider_list *list = calloc(1, sizeof(*list) + n * sizeof(providers[0]));
	bool complete = list;

	for (size_t i = 0; i < n; i++)
		complete = complete && providers[i];
	if (!complete) {
		for (size_t i = 0; i < n; i++)
			if (providers[i])
				providers[i]->ops->free(providers[i]);
		free(list);
		return -ENOMEM;
	}
	list->n = n;
	memcpy(list->providers, providers, n * sizeof(providers[0]));
	*ret_list = list;
	return 0;
}

void provider_list_free(struct provider_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->n; i++)
		list->providers[i]->ops->free(list->providers[i]);
	free(list);
}

static void ask_next(struct provider_list *list);

static void answered(void *arg, enum provider_answer answer, enum status status,
                     struct credentials *credentials)
{
	struct provider_list *list = arg;

	if (answer == PROVIDER_NOT_CONFIGURED && list->next < list->n)
		ask_next(list);
	else
		list->done(list->arg, answer, status, credentials,
		           list->providers[list->next - 1]->ops->outlasts);
}

static void ask_next(struct provider_list *list)
{
	struct provider *provider = list->providers[list->next++];

	provider->ops->fetch(provider, answered, list);
}

void provider_list_ask(struct provider_list *list, provider_list_fn done, void *arg)
{
	list->done = done;
	list->arg = arg;
	list->next = 0;
	ask_next(list);
}

const char *provider_list_last(const struct provider_list *list)
{
	return list->providers[list->next - 1]->ops->name;
}

void provider_list_names(const struct provider_list *list, char *ret_names, size_t size)
{
	size_t length = 0;

	ret_names[0] = '\0';
	for (size_t i = 0; i < list->n && length < size; i++) {
		const struct provider *provider = list->providers[i];
		const char *remark = provider->ops->remark ? provider->ops->remark(provider) : "";

		length += (size_t)snprintf(ret_names + length, size - length, "%s%s%s%s%s",
		                           i ? ", " : "", provider->ops->name,
		                           remark[0] ? " (" : "", remark, remark[0] ? ")" : "");
	}
}
