// GELU by a table: the value clamped, scaled to an index, looked up lane by lane.
#include <aie_api/aie.hpp>
#include <algorithm>
#include <array>
#include <cmath>

constexpr int entries = 64;
alignas(aie::vector_decl_align) static bfloat16 table[entries];

static void fill() {
  for (int i = 0; i < entries; i++) {
    float x = (i - 32) * 0.125f;
    table[i] = (bfloat16)(0.5f * x * (1.0f + std::erf(x * 0.70710678f)));
  }
}

extern "C" void public_gelu_lut_bf16(bfloat16 *restrict in, bfloat16 *restrict out) {
  fill();
  for (unsigned i = 0; i < 64; i += 16) {
    aie::vector<bfloat16, 16> v = aie::load_v<16>(in + i);
    v = aie::min(aie::max(v, bfloat16(-4.0f)), bfloat16(3.875f));
    aie::vector<int32, 16> index = aie::to_fixed<int32>(v, 3);
    aie::vector<bfloat16, 16> r;
    for (unsigned l = 0; l < r.size(); l++) r[l] = table[std::clamp<int>(index[l] + 32, 0, entries - 1)];
    aie::store_v(out + i, r);
  }
}
