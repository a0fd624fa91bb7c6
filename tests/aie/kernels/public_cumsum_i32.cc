// Running sums: within a vector by shifted additions, across vectors by the last lane.
#include <aie_api/aie.hpp>

void public_cumsum_i32(int32_t *restrict in, int32_t *restrict out) {
  int32_t carry = 0;
  const aie::vector<int32_t, 16> zero = aie::zeros<int32_t, 16>();
  for (unsigned i = 0; i < 128; i += 16) {
    aie::vector<int32_t, 16> v = aie::load_v<16>(in + i);
#pragma unroll
    for (unsigned s = 1; s < 16; s *= 2) v = aie::add(v, aie::shuffle_up_fill(v, zero, s));
    v = aie::add(v, carry);
    carry = v[15];
    aie::store_v(out + i, v);
  }
}
