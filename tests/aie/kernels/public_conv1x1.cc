// 1x1 convolution: activations as (channels / 8, width, 8), weights as (oc / 8, ic / 8, 8, 8), eight pixels at a time.
#include <stdint.h>

#include "../aie_kernel_utils.h"
#include <aie_api/aie.hpp>

using MMUL4x8x8 = aie::mmul<4, 8, 8, uint8, int8>;

extern "C" void public_conv1x1(uint8_t *in, int8_t *weights, uint8_t *out, int32_t scale) {
  constexpr int width = 16, ic = 16, oc = 16, pixels = 4;
  ::aie::set_saturation(aie::saturation_mode::saturate);
  ::aie::set_rounding(aie::rounding_mode::conv_even);
  uint8_t *restrict to = out;
  for (int o = 0; o < oc / 8; o++) {
    MMUL4x8x8 sums[width / pixels];
    for (int x = 0; x < width / pixels; x++) sums[x] = aie::zeros<acc32, 32>();
    AIE_PREPARE_FOR_PIPELINING
    AIE_LOOP_MIN_ITERATION_COUNT(2)
    for (int i = 0; i < ic / 8; i++) {
      aie::vector<int8, 64> w = aie::load_v<64>(weights);
      weights += 64;
      for (int x = 0; x < width / pixels; x++) {
        aie::vector<uint8, 32> a = aie::load_v<32>(in + i * width * 8 + x * 32);
        sums[x].mac(a, w);
      }
    }
    for (int x = 0; x < width / pixels; x++) {
      aie::vector<uint8, 32> o1 = sums[x].to_vector<uint8>(scale);
      aie::store_v(to, o1);
      to += 32;
    }
  }
}
