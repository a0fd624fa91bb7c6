// Elements written one by one, read back, and pushed.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void elements_int32(int32_t *__restrict in, int32_t *__restrict out, int32_t *__restrict history) {
  aie::vector<int32, 8> v;
  for (unsigned i = 0; i < v.size(); i++) v[i] = in[7 - i] * 2;
  v.set(v[0] + v.get(1), 2);
  aie::store_v(out, v);
  aie::vector<int32, 16> h = aie::zeros<int32, 16>();
  for (int i = 0; i < 10; i++) h.push(in[i]);
  aie::store_v(history, h);
}
