#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  for (int i = 0; i < 1000000; i++) { volatile char *p = (char *)__builtin_alloca(4096 + in[i & 63]); p[0] = 1; }
  for (int i = 0; i < 64; i++) out[i] = in[i];
}
