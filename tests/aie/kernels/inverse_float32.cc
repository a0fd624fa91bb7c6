// Inverses, inverse roots and roots, of lanes and of a scalar.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void inverse_float32(float *__restrict in, float *__restrict inverse, float *__restrict root, float *__restrict square_root, float *__restrict one) {
  for (int i = 0; i < 32; i += 16) {
    aie::vector<float, 16> v = aie::load_v<16>(in + i);
    aie::store_v(inverse + i, aie::inv(v));
    aie::store_v(root + i, aie::invsqrt(v));
    v[0] = i == 0 ? float(0) : v.get(0);
    aie::store_v(square_root + i, aie::sqrt(v));
  }
  one[0] = aie::inv(in[0]);
  one[1] = aie::invsqrt(in[1]);
}
