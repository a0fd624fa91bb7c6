// expect: linear_approx: tables are; bfloat16> for bfloat16
// interface: bfloat16
#include <aie_api/aie.hpp>
alignas(32) static const float t[64] = {};

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  using L = aie::lut<4, float>;
  aie::linear_approx<bfloat16, L> f(L(16, t, t), 0, 8);  // <- here
  aie::store_v(c, f.compute(aie::load_v<16>(a)).to_vector<bfloat16>());
}
