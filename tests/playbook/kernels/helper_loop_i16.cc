/*
 * All of the work in a helper.
 * a size: 256
 * b size: 256
 * out size: 256
 * at least: 8
 * >>> helper_loop_i16([1, 2], [3, 4])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

template <typename T, int N> static void add_all(const T *a, const T *b, T *out) {
  for (int i = 0; i < N; ++i) out[i] = a[i] + b[i];
}
void helper_loop_i16(int16_t *a, int16_t *b, int16_t *out) { add_all<int16_t, 256>(a, b, out); }
