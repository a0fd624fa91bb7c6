// Parts taken out, put back, joined and grown.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void pieces_int16(int16_t *__restrict in, int16_t *__restrict swapped, int16_t *__restrict joined, int16_t *__restrict grown) {
  aie::vector<int16, 32> v = aie::load_v<32>(in), w;
  w.insert(0, v.extract<16>(1));
  w.insert(1, v.extract<16>(0));
  aie::store_v(swapped, w);
  aie::store_v(joined, aie::concat(v.extract<8>(3), v.extract<8>(2), v.extract<8>(1), v.extract<8>(0)));
  aie::vector<int16, 64> g = v.grow<64>(1);
  g.insert(0, aie::concat(v.extract<16>(0), w.extract<16>(0)));
  aie::store_v(grown, g);
  static_assert(aie::vector<int16, 32>::size() == 32);
}
