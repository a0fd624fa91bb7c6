// expect: mmul<4, 16, 8; of bfloat16 x bfloat16 there are 4x8x4, 8x8x4, 4x8x8, 8x8x8, 8x1x8; again in line 8, 9
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  using MMUL = aie::mmul<4, 16, 8, bfloat16, bfloat16>;
  auto x = aie::load_v<MMUL::size_A>(a);  // <- here
  auto y = aie::load_v<MMUL::size_B>(b);
  MMUL m;
  m.mul(x, y);
  aie::store_v(c, m.to_vector<bfloat16>());
}
