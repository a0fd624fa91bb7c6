#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict b, int32_t *__restrict c) {
  for (int i = 0; i < 256; i++) {
    int x = a[i], y = b[i];
    c[i] = x > y ? x + 1 : y ^ 3;
  }
}
