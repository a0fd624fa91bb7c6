// Intrinsics on short lanes: selection by bit masks, products, shift-round-saturate, packing.
#include <aie_api/aie.hpp>

extern "C" void public_native_i16(int16_t *restrict a, int16_t *restrict b, int16_t *restrict out, int8_t *restrict small) {
  set_rnd(rnd_conv_even);
  set_sat();
  for (int i = 0; i < 64; i += 32) {
    v32int16 x = *(v32int16 *)(a + i), y = *(v32int16 *)(b + i);
    v32acc32 acc = mul_elem_32(x, y);
    acc = mac_elem_32(x, broadcast_s16(5), acc);
    acc = msc_elem_32(y, broadcast_elem(x, 7), acc);
    v32int16 r = srs_to_v32int16(acc, 9);
    r = sel(r, sub(y, x), lt(x, y));
    *(v32int16 *)(out + i) = upd_elem(r, 2, (int16_t)(ext_elem(r, 3) & 0xff));
    *(v32int8 *)(small + i) = srs_to_v32int8(ups_to_v32acc32(x, 2), 6);
  }
  clr_sat();
}
