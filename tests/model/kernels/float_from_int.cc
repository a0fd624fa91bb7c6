#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, float *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = (float)a[i];
}
