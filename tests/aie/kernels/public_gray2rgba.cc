// Each byte three times and 255: native registers, shuffles by mode, a bitwise or.
#include <stdint.h>
#include "../aie_kernel_utils.h"
#include <aie_api/aie.hpp>

static ::aie::vector<uint8, 64> four_times(::aie::vector<uint8, 16> e) {
  v64uint8 x = e.template grow<64>();
  x = shuffle(x, x, T8_2x64_lo);
  x = shuffle(x, x, T8_2x64_lo);
  return ::aie::vector<uint8, 64>(x);
}

extern "C" void public_gray2rgba(uint8_t *restrict y_in, uint8_t *restrict rgba_out) {
  ::aie::vector<uint8, 64> alpha = ::aie::zeros<uint8, 64>();
  for (int i = 0; i < 16; i++) alpha[i * 4 + 3] = 255;
  for (int j = 0; j < 64; j += 32) {
    v64uint8 fout = bor(four_times(::aie::load_v<16>(y_in)), alpha);
    ::aie::store_v(rgba_out, ::aie::vector<uint8, 64>(fout));
    y_in += 16;
    v64uint8 y = ::aie::load_v<16>(y_in).template grow<64>();
    v64uint8 yy = shuffle(y, y, INTLV_lo_8o16), ya = shuffle(y, broadcast_u8(255), INTLV_lo_8o16);
    ::aie::store_v(rgba_out + 64, ::aie::vector<uint8, 64>(shuffle(yy, ya, INTLV_lo_16o32)));
    y_in += 16;
    rgba_out += 128;
  }
}
