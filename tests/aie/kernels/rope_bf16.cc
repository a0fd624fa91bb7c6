// Rotation of pairs: products with cosines and sines, added and subtracted.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void rope_bf16(bfloat16 *__restrict in, bfloat16 *__restrict turns, bfloat16 *__restrict out) {
  for (int i = 0; i < 64; i += 32) {
    auto [x, y] = aie::interleave_unzip(aie::load_v<16>(in + i), aie::load_v<16>(in + i + 16), 1);
    auto [c, s] = aie::interleave_unzip(aie::load_v<16>(turns + i), aie::load_v<16>(turns + i + 16), 1);
    auto real = aie::msc(aie::mul(x, c), y, s).to_vector<bfloat16>();
    auto imaginary = aie::mac(aie::mul(x, s), y, c).to_vector<bfloat16>();
    auto [low, high] = aie::interleave_zip(real, imaginary, 1);
    aie::store_v(out + i, low);
    aie::store_v(out + i + 16, high);
  }
}
