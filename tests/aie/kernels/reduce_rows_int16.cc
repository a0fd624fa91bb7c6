// Sum, largest and smallest of four rows at once.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void reduce_rows_int16(int16_t *__restrict in, int16_t *__restrict sum, int16_t *__restrict top, int16_t *__restrict low) {
  aie::vector<int16, 16> a = aie::load_v<16>(in), b = aie::load_v<16>(in + 16), c = aie::load_v<16>(in + 32), d = aie::load_v<16>(in + 48);
  auto s = aie::reduce_add_v(a, b, c, d), t = aie::reduce_max_v(a, b, c, d), l = aie::reduce_min_v(a, b, c, d);
  for (int i = 0; i < 4; i++) sum[i] = s[i], top[i] = t[i], low[i] = l.get(i);
}
