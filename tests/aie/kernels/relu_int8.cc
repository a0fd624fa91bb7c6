// Maximum with a scalar zero.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void relu_int8(int8_t *__restrict in, int8_t *__restrict out) {
  for (int i = 0; i < 512; i += 64) chess_prepare_for_pipelining chess_loop_range(8, 8) {
    aie::vector<int8, 64> v = aie::load_v<64>(in + i);
    aie::store_v(out + i, aie::max(v, (int8)0));
  }
}
