#include <aie_api/aie.hpp>
#define LANES 32

template <unsigned N, class T>
static inline void both(const T *a, const T *b, T *c) {
  aie::store_v(c, aie::sub(aie::load_v<N>(a), aie::load_v<N>(b)));
}

void k(int16_t *a, int16_t *b, int16_t *c) {
  both<LANES>(a, b, c);
  auto f = [&](auto x) { return aie::add(x, aie::load_v<LANES>(b)); };
  aie::store_v(c, f(aie::load_v<LANES>(a)));
}
