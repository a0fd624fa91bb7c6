#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

// e^x = e^whole * e^rest of a fixed-point x with 8 bits behind the point; one table for each
constexpr double power(double x) {
  double sum = 1, term = 1, size = x < 0 ? -x : x;
  int halvings = 0;
  for (; size > 1; size /= 2) halvings++;
  for (int n = 1; n < 20; n++) sum += term *= size / n;
  while (halvings--) sum *= sum;
  return x < 0 ? 1 / sum : sum;
}
constexpr uint16_t rounded(double x) { return (uint16_t)((__builtin_bit_cast(uint32_t, (float)x) + 0x8000) >> 16); }
struct alignas(aie::vector_decl_align) Table {
  uint16_t at[512];
  constexpr explicit Table(bool whole) : at{} {
    for (int i = 0; i < 256; i++) {
      int exponent = i < 88 ? i : i < 169 ? 0 : i - 256;
      at[i / 8 * 16 + i % 8] = at[i / 8 * 16 + i % 8 + 8] = rounded(power(whole ? exponent : i / 256.0));
    }
  }
};
static constexpr Table whole_ab(true), whole_cd(true), rest_ab(false), rest_cd(false);

__attribute__((always_inline)) inline v16accfloat exp_bf16(v16bfloat16 x) {
  const uint16_t __aie_dm_resource_a *iab = whole_ab.at, *fab = rest_ab.at;
  const uint16_t __aie_dm_resource_b *icd = whole_cd.at, *fcd = rest_cd.at;
  using lut_type = aie::lut<4, bfloat16, bfloat16>;
  lut_type lut_i(256, iab, icd), lut_f(256, fab, fcd);
  aie::parallel_lookup<uint16, lut_type, aie::lut_oor_policy::truncate> lookup_i(lut_i, 8), lookup_f(lut_f, 0);
  aie::vector<bfloat16, 16> clipped = aie::min(aie::max(aie::vector<bfloat16, 16>(x), bfloat16(-80.0f)), bfloat16(80.0f));
  aie::vector<int16, 32> both = v32int16(bfloat16_to_int(clipped, 8));
  aie::vector<int16, 16> fixed = aie::filter_even(both);
  auto mode = aie::tile::current().get_rounding();
  aie::tile::current().set_rounding(aie::rounding_mode::floor);
  aie::vector<bfloat16, 16> i = lookup_i.fetch(fixed.cast_to<uint16>()), f = lookup_f.fetch(fixed.cast_to<uint16>());
  aie::tile::current().set_rounding(mode);
  aie::accum<accfloat, 16> product = aie::mul(i, f);
  return v16accfloat(product);
}

void table_exp_bf16(bfloat16 *in, bfloat16 *out) {
  event0();
  for (int i = 0; i < 128; i += 16) {
    aie::accum<accfloat, 16> e = exp_bf16(aie::load_v<16>(in + i));
    aie::store_v(out + i, e.to_vector<bfloat16>());
  }
  event1();
}
