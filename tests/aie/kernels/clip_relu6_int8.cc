// Integer activation on 128 lanes at once, in place of a branch.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void clip_relu6_int8(int8_t *__restrict in, int8_t *__restrict out, int8_t six) {
  for (int i = 0; i < 512; i += 128) {
    aie::vector<int8, 128> v = aie::load_v<128>(in + i);
    aie::mask<128> high = aie::gt(v, six);
    aie::vector<int8, 128> r = aie::select(aie::max(v, (int8)0), aie::broadcast<int8, 128>(six), high);
    aie::store_v(out + i, r);
  }
}
