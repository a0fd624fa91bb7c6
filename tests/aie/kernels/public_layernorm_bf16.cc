// Layer normalisation by rows: sums in accumulators, then one pass of differences and products.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

template <typename T, int N>
void layer_norm(const T *restrict input, T *restrict output, int32_t cols) {
  event0();
  constexpr float epsilon = 1e-5f;
  const float gamma = 1.5f, beta = 0.25f;
  aie::accum<accfloat, N> sum = aie::zeros<accfloat, N>(), squares = aie::zeros<accfloat, N>();
  AIE_LOOP_RANGE(4, 64)
  for (int i = 0; i < cols; i += N) {
    aie::vector<T, N> v = aie::load_v<N>(input + i);
    sum = aie::add(sum, v);
    squares = aie::mac_square(squares, v);
  }
  float mean = aie::reduce_add(sum.template to_vector<float>()) / cols;
  float variance = aie::reduce_add(squares.template to_vector<float>()) / cols - mean * mean;
  float inv_std = aie::invsqrt(variance + epsilon);
  ::aie::vector<T, N> mean_v = ::aie::broadcast<T, N>(mean), inv_std_v = ::aie::broadcast<T, N>(inv_std);
  ::aie::vector<T, N> gamma_v = ::aie::broadcast<T, N>(gamma), beta_v = ::aie::broadcast<T, N>(beta);
  for (int i = 0; i < cols; i += N) {
    ::aie::vector<T, N> diff_v = ::aie::sub(::aie::load_v<N>(input + i), mean_v);
    ::aie::vector<T, N> norm_v = ::aie::mul(diff_v, inv_std_v);
    ::aie::vector<T, N> scaled_v = ::aie::mul(norm_v, gamma_v);
    ::aie::store_v(output + i, ::aie::add(scaled_v, beta_v));
  }
  event1();
}

extern "C" {
void public_layernorm_bf16(bfloat16 *in, bfloat16 *out) { layer_norm<bfloat16, 16>(in, out, 128); }
}
