#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 100000; i++)
#pragma clang loop unroll_count(1000)
    for (int j = 0; j < 100000; j++) out[(i * 7 + j) & 63] += in[(i + j * 3) & 63];
}
