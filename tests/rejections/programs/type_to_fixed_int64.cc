// expect: unsupported element type
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto v = aie::to_fixed<int64_t>(aie::load_v<16>(a), 0);  // <- here
  c[0] = 0;
}
