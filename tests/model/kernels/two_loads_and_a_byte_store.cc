#include <aie_api/aie.hpp>

void k(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = a[i] + b[i];
}
