// First index of the largest: the largest by lanes, then a mask of who has it.
#include <aie_api/aie.hpp>
#include <limits>

void public_argmax_bf16(bfloat16 *restrict in, int32_t *restrict out) {
  using V = aie::vector<bfloat16>;
  constexpr int lanes = V::size();
  V best = aie::broadcast<bfloat16>(std::numeric_limits<bfloat16>::lowest());
  for (int i = 0; i < 256; i += lanes) best = max(best, aie::load_v(in + i));
  V first = shift_bytes(best, best, 32U);
  V second = max(best, first);
  const bfloat16 top = aie::reduce_max(second);
  *out = -1;
  for (int i = 0; i < 256; i += lanes) {
    aie::mask<lanes> m = aie::eq(aie::load_v<lanes>(in + i), top);
    if (!m.empty()) {
      *out = i + __builtin_ctz(m.to_uint32());
      return;
    }
  }
}
