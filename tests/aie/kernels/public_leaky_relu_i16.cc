// Leaky ReLU in fixed point: a comparison, a product and a choice.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static constexpr unsigned lanes = 32;
template <unsigned N> static inline aie::vector<int16_t, N> leaky(const aie::vector<int16_t, N> &v, int16_t alpha, int shift) {
  auto scaled = aie::mul<acc32>(v, alpha);
  return aie::select(v, scaled.template to_vector<int16_t>(shift), aie::lt(v, int16_t(0)));
}

void public_leaky_relu_i16(int16_t *in, int16_t *out) {
  auto pi = aie::begin_restrict_vector<lanes>(in);
  auto po = aie::begin_restrict_vector<lanes>(out);
  AIE_PREPARE_FOR_PIPELINING
  AIE_LOOP_UNROLL(2)
  for (unsigned i = 0; i < 256 / lanes; ++i) *po++ = leaky<lanes>(*pi++, 13, 7);
}
