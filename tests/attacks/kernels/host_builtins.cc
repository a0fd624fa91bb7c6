#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  int a = __builtin_ia32_crc32qi(in[0], in[1]);
  for (int i = 0; i < 64; i++) out[i] = (int8_t)(a >> (i & 3));
  __builtin_ia32_pause();
}
