// a * x + y of floats.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

extern "C" void public_saxpy_f32(float *restrict x, float *restrict y, float *restrict out, const float a) {
  auto it_x = aie::begin_restrict_vector<16>(x);
  auto it_y = aie::cbegin_restrict_vector<16>(y);
  auto it_z = aie::begin_restrict_vector<16>(out);
  aie::vector<float, 16> av = aie::broadcast<float, 16>(a);
  AIE_PREPARE_FOR_PIPELINING
  AIE_LOOP_RANGE(4, 4)
  for (int i = 0; i < 4; i++) {
    aie::accum<accfloat, 16> z = aie::mul(*it_x++, av);
    *it_z++ = aie::add(z.to_vector<float>(), *it_y++);
  }
}
