#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict b) {
  for (int i = 0; i < 256; i++) a[i + 1] = a[i] + b[0];
}
