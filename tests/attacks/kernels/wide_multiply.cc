#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  unsigned __int128 x = 3;
  for (int i = 0; i < 64; i++) { x = x * x / (x - in[i]); out[i] = (int8_t)(x >> 90); }
}
