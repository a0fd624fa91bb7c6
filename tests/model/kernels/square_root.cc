#include <aie_api/aie.hpp>

void k(float *__restrict a, float *__restrict c) {
  for (int i = 0; i < 256; i++) c[i] = __builtin_sqrtf(a[i]);
}
