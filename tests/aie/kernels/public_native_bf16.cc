// Sums of products on native registers: mac_elem_16_2 over 32 lanes, an element broadcast, halves put together.
#include <aie_api/aie.hpp>

extern "C" void public_native_bf16(bfloat16 *restrict a, bfloat16 *restrict b, bfloat16 *restrict out) {
  v32bfloat16 zero = broadcast_zero_bfloat16();
  v16accfloat acc = mul_elem_16_2(zero, zero);
  for (int i = 0; i < 128; i += 32) {
    v32bfloat16 x = *(v32bfloat16 *)(a + i);
    v32bfloat16 y = concat(*(v16bfloat16 *)(b + i), *(v16bfloat16 *)(b + i + 16));
    acc = mac_elem_16_2(x, y, acc);
    acc = mac_elem_16_2(x, broadcast_elem(y, 3), acc);
  }
  v16bfloat16 r = to_v16bfloat16(acc);
  *(v16bfloat16 *)out = r;
  v32bfloat16 both = concat(r, extract_v16bfloat16(broadcast_bfloat16(2.0f), 1));
  *(v16bfloat16 *)(out + 16) = extract_v16bfloat16(max(both, zero), 1);
}
