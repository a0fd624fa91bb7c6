// Mean and variance of a row, then a scale and an offset: a layer norm.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void normalise_bf16(bfloat16 *__restrict in, bfloat16 *__restrict gain, bfloat16 *__restrict bias, bfloat16 *__restrict out) {
  constexpr int n = 128;
  aie::accum<accfloat, 16> sum = aie::zeros<accfloat, 16>(), squares = sum;
  auto one = aie::broadcast<bfloat16, 16>((bfloat16)1.0f);
  for (int i = 0; i < n; i += 16) {
    auto v = aie::load_v<16>(in + i);
    sum = aie::mac(sum, v, one);
    squares = aie::mac_square(squares, v);
  }
  float mean = aie::reduce_add(sum.to_vector<float>()) * (1.0f / n);
  float variance = aie::reduce_add(squares.to_vector<float>()) * (1.0f / n) - mean * mean;
  bfloat16 scale = (bfloat16)aie::invsqrt(variance + 1e-5f);
  auto m = aie::broadcast<bfloat16, 16>((bfloat16)mean);
  for (int i = 0; i < n; i += 16) {
    auto centred = aie::mul(aie::sub(aie::load_v<16>(in + i), m), scale).to_vector<bfloat16>();
    aie::accum<accfloat, 16> acc;
    acc.from_vector(aie::load_v<16>(bias + i));
    acc = aie::mac(acc, centred, aie::load_v<16>(gain + i));
    aie::store_v(out + i, acc.to_vector<bfloat16>());
  }
}
