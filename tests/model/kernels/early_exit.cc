#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict c) {
  for (int i = 0; i < 255; i++) {
    c[i] = a[i] + 1;
    if (a[i] == 7) break;
  }
}
