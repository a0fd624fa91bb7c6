// Matrix times vector: one broadcast element of the vector a column.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matvec_int16(int16_t *__restrict columns, int16_t *__restrict x, int32_t *__restrict y) {
  aie::vector<int16, 16> v = aie::load_v<16>(x);
  aie::accum<acc64, 16> acc = aie::zeros<acc64, 16>();
  for (unsigned k = 0; k < 16; k++) acc = aie::mac(acc, aie::load_v<16>(columns + 16 * k), v[k]);
  aie::store_v(y, acc.to_vector<int32>(3));
}
