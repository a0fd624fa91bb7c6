#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  __float128 sum = 0;
  for (int i = 0; i < 64; i++) { sum = sum * 1.5 + in[i]; out[i] = (int8_t)sum; }
}
