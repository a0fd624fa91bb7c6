#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = a[i] + 1;
}
