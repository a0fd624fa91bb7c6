// The core's compiler reads restrict as __restrict in C++ too, before and without any header.
static void copied(const short *restrict in, short *restrict out) {
  for (int i = 0; i < 64; i++) out[i] = in[i];
}
#include <stdint.h>
void k(int16_t *restrict a, int16_t *restrict b, int16_t *restrict c) { copied(a, c); }
