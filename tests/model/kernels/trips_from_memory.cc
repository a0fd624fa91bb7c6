#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict c) {
  int i = 0;
  while (a[i] != 0) {
    c[i] = a[i];
    i++;
  }
}
