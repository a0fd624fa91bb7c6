#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict c) {
  for (int i = 0; i < 256; i++)
    if (a[i] > 0) c[i] = a[i] + 1;
}
