// Maximum with a vector of zeros.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void relu_bf16(bfloat16 *__restrict in, bfloat16 *__restrict out) {
  aie::vector<bfloat16, 32> zeroes = aie::zeros<bfloat16, 32>();
  for (size_t i = 0; i < 256; i += 32) chess_prepare_for_pipelining chess_loop_range(8, ) {
    aie::vector<bfloat16, 32> v = aie::load_v<32>(in);
    in += 32;
    aie::store_v(out, aie::max(v, zeroes));
    out += 32;
  }
}
