// Bits of bytes and shorts by one template.
#include <aie_api/aie.hpp>
#include <type_traits>

template <typename T, int N, class F>
static void bitwise(const T *a, const T *b, T *out, int n, F f) {
  for (int j = 0; j < n; j += N) ::aie::store_v(out + j, f(::aie::load_v<N>(a + j), ::aie::load_v<N>(b + j)));
}

void public_bitwise(uint8_t *restrict a, uint8_t *restrict b, uint8_t *restrict conj, uint8_t *restrict other) {
  bitwise<uint8_t, 64>(a, b, conj, 128, [](const auto &x, const auto &y) { return ::aie::bit_and(x, y); });
  bitwise<int16_t, 32>((int16_t *)a, (int16_t *)b, (int16_t *)other, 64, [](auto x, auto y) { return ::aie::bit_or(::aie::bit_not(x), y); });
}
