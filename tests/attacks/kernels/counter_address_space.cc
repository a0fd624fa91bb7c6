#include <aie_api/aie.hpp>
extern "C" __attribute__((address_space(1))) int __kg_c0;
void k(int8_t *in, int8_t *out) {
  *(__attribute__((address_space(1))) int *)0 = 0;
  *(__attribute__((address_space(10))) int *)0 = 0;
  for (int i = 0; i < 64; i++) out[i] = in[i];
}
