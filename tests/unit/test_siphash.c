/* SipHash. */
#include "base/siphash.h"
#include "tests/unit/unit_test.h"

/* `openssl mac -macopt hexkey:000102…0f -macopt size:8 SipHash`, as a little-endian number; the
 * last one is the example of the authors' paper. */
static void it_is_siphash_2_4(void **state)
{
	static const struct {
		size_t size;
		uint64_t hash;
	} vectors[] = {
	        {0, 0x726fdb47dd0e0e31}, {1, 0x74f839c593dc67fd}, {7, 0xab0200f58b01d137},
	        {8, 0x93f5f5799a932462}, {9, 0x9e0082df0ba9e4b0}, {15, 0xa129ca6149be45e5},
	};
	const struct siphash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
	unsigned char data[16];

	(void)state;
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		assert_true(siphash(&key, data, vectors[i].size) == vectors[i].hash);
}

static void each_key_is_another(void **state)
{
	struct siphash_key a, b;

	(void)state;
	assert_int_equal(siphash_key_new(&a), 0);
	assert_int_equal(siphash_key_new(&b), 0);
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_true(siphash(&a, "v1", 2) != siphash(&b, "v1", 2));
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_is_siphash_2_4),
	        cmocka_unit_test(each_key_is_another),
	};

	select_test(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
