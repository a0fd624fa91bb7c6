#include "../aie_kernel_utils.h"
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  for (unsigned i = 0; i < 64; i += 32)
    chess_prepare_for_pipelining chess_loop_range(2, ) {
      aie::store_v(c + i, aie::load_v<32>(a + i));
    }
  for (unsigned i = 0; i < 64; i += 32)
    chess_loop_count(2) chess_unroll_loop(*) chess_flatten_loop chess_no_hw_loop { aie::store_v(c + i, chess_copy(aie::load_v<32>(b + i))); }
  [[chess::prepare_for_pipelining]] [[chess::min_loop_count(4)]]
  for (int i = 0; i < 64; i++) c[i] = a[i];
  chess_separator_scheduler();
  chess_report(c);
  AIE_LOOP_FLATTEN
  for (int i = 0; i < 4; i++) {
    AIE_PREPARE_FOR_PIPELINING
    AIE_LOOP_RANGE(4, 16)
    for (int j = 0; j < 4; j++) c[4 * i + j] += b[j];
  }
}
