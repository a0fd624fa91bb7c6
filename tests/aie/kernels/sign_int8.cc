// Minus one, zero or one, by nested selection.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sign_int8(int8_t *__restrict in, int8_t *__restrict out) {
  for (int i = 0; i < 256; i += 32) {
    auto v = aie::load_v<32>(in + i);
    auto r = aie::select((int8_t)0, aie::broadcast<int8_t, 32>(1), aie::gt(v, (int8_t)0));
    r = aie::select(r, (int8_t)-1, aie::lt(v, (int8_t)0));
    aie::store_v(out + i, r);
  }
}
