/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> alias_types_struct([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

using elem = int16_t;
constexpr int kSize = 256;
constexpr elem kBias = -12;
namespace { inline elem mix(elem a) { const int t = a * 5 + kBias; return (elem)(t >> 3); } }
void alias_types_struct(int16_t *x, int16_t *y) {
  const elem *__restrict p = x;
  elem *__restrict q = y;
  for (int n = kSize; n > 0; --n) *q++ = mix(*p++);
}
