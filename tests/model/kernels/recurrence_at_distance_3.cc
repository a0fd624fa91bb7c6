#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict b) {
  int x = b[0];
  for (int i = 0; i < 256; i++) a[i + 3] = a[i] + x;
}
