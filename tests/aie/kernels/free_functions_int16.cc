// Conversions as functions, modes of the tile, pairs tied to names, elements compared.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void free_functions_int16(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict out, int32_t *__restrict scalars) {
  aie::tile::current().set_rounding(aie::rounding_mode::conv_odd);
  aie::tile::current().set_saturation(aie::saturation_mode::saturate);
  aie::vector<int16, 32> x = aie::load_v<32>(a), y = aie::load_v<32>(b);
  std::tie(x, y) = aie::interleave_zip(x, y, 2);
  auto acc = aie::from_vector<acc32>(x, 3);
  acc = aie::add(aie::mac(acc, y, (int16_t)5), 4);
  acc = aie::sub(acc, aie::broadcast<int16, 32>(1));
  aie::store_v(out, aie::to_vector<int16>(acc, 3));
  aie::vector<int32, 4> few(a[0], b[0], a[1], b[1]);
  scalars[0] = few[0] > few[1] ? few[2] + few[3] : few[2] - few[3];
  scalars[1] = aie::to_fixed((float)few[0], 2);
  scalars[2] = (int)(aie::to_float(few[1], 1) * 2.0f);
  scalars[3] = aie::tile::current().get_rounding() == aie::rounding_mode::conv_odd;
}
