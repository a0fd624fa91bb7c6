#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { out[0]=*(int __attribute__((address_space(256)))*)0; }
