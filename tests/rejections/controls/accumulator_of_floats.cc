// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::accum<accfloat, 16> acc;
  acc.from_vector(aie::load_v<16>(a), 0);
  acc = aie::mac(acc, aie::load_v<16>(a), aie::load_v<16>(b));
  aie::vector<float, 16> f = acc.to_vector<float>();
  aie::vector<float, 16> r = aie::inv(f);
  aie::store_v(c, aie::accum<accfloat, 16>(r).to_vector<bfloat16>());
}
