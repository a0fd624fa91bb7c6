#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cfloat>
#include <climits>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <stdio.h>
#include <stdlib.h>
#include <tuple>
#include <type_traits>
#include <utility>
#include <aie_api/aie.hpp>

template <std::integral T> static T largest(std::span<const T> s) { return *std::max_element(s.begin(), s.end()); }
static_assert(std::is_same<std::common_type_t<short, int>, int>::value && std::conjunction_v<std::true_type, std::is_base_of<int[1], int[1]>> == false);

void k(int16_t *a, int16_t *b, int16_t *c) {
  std::array<int16_t, 8> sorted;
  std::copy(a, a + 8, sorted.begin());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  c[0] = largest(std::span<const int16_t>(b, 8)) + sorted[0];
  c[1] = std::clamp<int16_t>(a[1], SHRT_MIN / 2, std::numeric_limits<int16_t>::max() / 2);
  c[2] = std::accumulate(a, a + 4, 0, std::plus<int>());
  c[3] = (int16_t)std::lround(FLT_EPSILON * std::bit_cast<float>(0x3f800000));
  assert(c[3] == 0);
}
