// Every loop macro and annotation, in front of loops that still run.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void events_macros(int32_t *__restrict in, int32_t *__restrict out) {
  event0();
  AIE_LOOP_UNROLL(4)
  for (int i = 0; i < 64; i += 16) aie::store_v(out + i, aie::load_v<16>(in + i));
  AIE_LOOP_MAX_ITERATION_COUNT(4)
  AIE_TRY_INITIATION_INTERVAL(4)
  for (int i = 0; i < 64; i += 16) chess_flatten_loop {
    aie::vector<int32, 16> v = chess_copy(aie::load_v<16>(out + i));
    chess_separator();
    aie::store_v(out + i, aie::add(v, 1));
  }
  AIE_LOOP_FLATTEN
  for (int i = 0; i < 64; i += 8) chess_unroll_loop(2) chess_loop_count(8) {
    aie::store_v(out + i, aie::neg(aie::load_v<8>(out + i)));
  }
  event1();
}
