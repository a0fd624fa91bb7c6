// Two images added with weights and an offset, in 16 bits of fraction.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

template <typename T, int N>
static void add_weighted(const T *restrict a, const T *restrict b, T *restrict out, const int16_t alpha, const int16_t beta, const T gamma) {
  ::aie::vector<int16_t, N> coeff(alpha, beta);
  ::aie::vector<T, N> offset = ::aie::broadcast<T, N>(gamma);
  ::aie::set_saturation(aie::saturation_mode::saturate);
  for (int j = 0; j < 128; j += N) chess_prepare_for_pipelining {
    ::aie::accum<acc32, N> acc(offset, 14);
    acc = ::aie::accumulate<N>(acc, coeff, 0, ::aie::load_v<N>(a + j), ::aie::load_v<N>(b + j));
    ::aie::store_v(out + j, acc.template to_vector<T>(14));
  }
}

void public_add_weighted(uint8_t *a, uint8_t *b, uint8_t *out) { add_weighted<uint8_t, 32>(a, b, out, 11000, 7000, 3); }
