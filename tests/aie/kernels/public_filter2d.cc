// 3 x 3 filter over three lines by sliding products, the left border replicated.
#include "../aie_kernel_utils.h"
#include <aie_api/aie.hpp>

constexpr unsigned Lanes = 32, Points = 8, CoeffStep = 1, DataStepXY = 1;
using mul_ops = aie::sliding_mul_xy_ops<Lanes, Points, CoeffStep, DataStepXY, int8, uint8>;

extern "C" void public_filter2d(uint8_t *restrict in, int8_t *restrict weights, uint8_t *restrict out) {
  set_sat();
  aie::vector<uint8, 64> data[3];
  aie::vector<int8, 32> kernel_vec;
  for (int j = 0; j < 3; j++) {
    for (int i = 0; i < 3; i++) kernel_vec[j * Points + i] = weights[3 * j + i];
    for (int i = 3; i < 8; i++) kernel_vec[j * Points + i] = 0;
  }
  for (int r = 0; r < 3; r++) {
    data[r].insert(0, aie::load_v<32>(in + 64 * r));
    data[r].insert(1, aie::load_v<32>(in + 64 * r + 32));
    data[r] = ::aie::shuffle_up_replicate(data[r], 1);
  }
  auto acc = mul_ops::mul(kernel_vec, 0, data[0], 0);
  acc = mul_ops::mac(acc, kernel_vec, Points, data[1], 0);
  acc = mul_ops::mac(acc, kernel_vec, 2 * Points, data[2], 0);
  ::aie::store_v(out, acc.to_vector<uint8>(5));
}
