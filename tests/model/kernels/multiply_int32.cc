#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict b, int32_t *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = (a[i] * b[i]) ^ a[i];
}
