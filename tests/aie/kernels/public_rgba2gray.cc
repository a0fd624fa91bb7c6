// Grey from red, green, blue and alpha bytes: channels apart by unzip and filter, weights as vector elements.
#define REL_WRITE 0
#define REL_READ 1
#include "../aie_kernel_utils.h"
#include <aie_api/aie.hpp>

const int32_t SRS_SHIFT = 15;

__attribute__((inline)) static void channels(uint8_t *p, ::aie::vector<uint8_t, 32> &r, ::aie::vector<uint8_t, 32> &g, ::aie::vector<uint8_t, 32> &b) {
  ::aie::vector<uint8_t, 32> c0 = ::aie::load_v<32>(p), c1 = ::aie::load_v<32>(p + 32), c2 = ::aie::load_v<32>(p + 64), c3 = ::aie::load_v<32>(p + 96);
  auto [rg, ba] = ::aie::interleave_unzip(::aie::concat(c0, c1), ::aie::concat(c2, c3), 2);
  r = ::aie::filter_even(rg, 1);
  g = ::aie::filter_odd(rg, 1);
  b = ::aie::filter_even(ba, 1);
}

#if __AIE_ARCH__ == 20
#define RESTRICT __restrict
#else
#define RESTRICT
#endif

extern "C" void public_rgba2gray(uint8_t *RESTRICT rgba, uint8_t *RESTRICT grey) {
  ::aie::vector<int16_t, 16> WT((int16_t)round(0.299 * (1 << SRS_SHIFT)), (int16_t)round(0.587 * (1 << SRS_SHIFT)), (int16_t)round(0.114 * (1 << SRS_SHIFT)));
  ::aie::accum<acc32, 32> half;
  half.from_vector(::aie::broadcast<int32_t, 32>(1 << (SRS_SHIFT - 1)));
  ::aie::set_rounding(aie::rounding_mode::floor);
  ::aie::vector<uint8_t, 32> r, g, b;
  auto body = [&]() __attribute__((always_inline)) {
    channels(rgba, r, g, b);
    ::aie::accum<acc32, 32> acc = ::aie::mac(::aie::mac(::aie::mac(half, r, WT[0]), g, WT[1]), b, WT[2]);
    ::aie::store_v(grey, acc.template to_vector<uint8_t>(SRS_SHIFT));
    rgba += 128;
    grey += 32;
  };
  AIE_LOOP_NO_UNROLL
  AIE_LOOP_MIN_ITERATION_COUNT(2)
  for (int j = 0; j < 2; j += 1) body();
}
