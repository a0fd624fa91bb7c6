// Wrapping sum of two vectors.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void add_int8(int8_t *a, int8_t *b, int8_t *out) {
  for (int i = 0; i < 256; i += 32) chess_prepare_for_pipelining chess_loop_range(4, ) {
    aie::vector<int8, 32> x = aie::load_v<32>(a + i);
    aie::vector<int8, 32> y = aie::load_v<32>(b + i);
    aie::store_v(out + i, aie::add(x, y));
  }
}
