/* What is known of each endpoint. */
#include "ecr/peer.h"
#include "net/loop.h"
#include "tests/unit/fake_clock.h"
#include "tests/unit/unit_test.h"

#define URL   "https://api.ecr.eu-west-1.amazonaws.com/"
#define OTHER "https://api.ecr.us-east-1.amazonaws.com/"

struct fixture {
	struct fake_clock clock;
	struct loop *loop;
	struct peers peers;
};

static struct fixture f;

static int set_up(void **state)
{
	(void)state;
	f.peers.all = NULL;
	fake_clock_init(&f.clock);
	return loop_new(&f.loop);
}

static int tear_down(void **state)
{
	(void)state;
	peers_deinit(&f.peers);
	loop_run_once(f.loop);
	loop_free(f.loop);
	return 0;
}

static struct peer *get(const char *url, int64_t offset_s)
{
	struct peer *peer = NULL;

	assert_int_equal(peers_get(&f.peers, url, offset_s, &peer), 0);
	assert_string_equal(peer->url, url);
	return peer;
}

static struct rate_queue *rate(struct peer *peer, const char *operation, const char *account)
{
	struct rate_queue *queue = NULL;

	assert_int_equal(peer_get_rate(peer, f.loop, &f.clock.clock, operation, account, &queue),
	                 0);
	return queue;
}

static void an_endpoint_is_one_whoever_asks(void **state)
{
	(void)state;
	assert_ptr_equal(get(URL, 0), get(URL, 7));
	assert_ptr_not_equal(get(URL, 0), get(OTHER, 0));
}

static void they_are_told_in_the_order_in_which_they_were_first_asked(void **state)
{
	char host[ENDPOINT_URL_SIZE];

	(void)state;
	assert_null(peers_at(&f.peers, 0));
	get(URL, 0);
	get("http://127.0.0.1:5000/", 0);
	get(URL, 0);
	peer_host(peers_at(&f.peers, 0), host);
	assert_string_equal(host, "api.ecr.eu-west-1.amazonaws.com");
	peer_host(peers_at(&f.peers, 1), host);
	assert_string_equal(host, "127.0.0.1:5000");
	assert_null(peers_at(&f.peers, 2));
}

static void each_has_tokens_of_its_own(void **state)
{
	(void)state;
	get(URL, 0)->bucket.tokens = 0;
	assert_int_equal(get(URL, 0)->bucket.tokens, 0);
	assert_int_equal(get(OTHER, 0)->bucket.tokens, RETRY_CAPACITY);
}

/* AWS has one time: what one endpoint told is the best guess for the next. */
static void a_new_one_starts_with_the_clock_that_is_known(void **state)
{
	(void)state;
	assert_int_equal(get(URL, 3600)->clock_offset_s, 3600);
	assert_int_equal(get(URL, 60)->clock_offset_s, 3600);
}

static void each_operation_in_each_registry_has_a_rate(void **state)
{
	struct peer *peer = get(URL, 0);
	struct rate_queue *queue = rate(peer, "ListImages", "012345678910");

	(void)state;
	assert_ptr_equal(rate(peer, "ListImages", "012345678910"), queue);
	assert_ptr_not_equal(rate(peer, "DescribeImages", "012345678910"), queue);
	assert_ptr_not_equal(rate(peer, "ListImages", ""), queue);
	assert_ptr_not_equal(rate(get(OTHER, 0), "ListImages", "012345678910"), queue);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test_fixture(an_endpoint_is_one_whoever_asks),
	        cmocka_unit_test_fixture(they_are_told_in_the_order_in_which_they_were_first_asked),
	        cmocka_unit_test_fixture(each_has_tokens_of_its_own),
	        cmocka_unit_test_fixture(a_new_one_starts_with_the_clock_that_is_known),
	        cmocka_unit_test_fixture(each_operation_in_each_registry_has_a_rate),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
