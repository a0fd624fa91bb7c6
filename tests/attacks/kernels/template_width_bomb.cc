#include <aie_api/aie.hpp>
template <int A, int B> struct W { static constexpr int v = W<A - 1, B * 2>::v + W<A - 1, B * 2 + 1>::v; };
template <int B> struct W<0, B> { static constexpr int v = B; };
void k(int8_t *in, int8_t *out) { out[0] = W<28, 1>::v; }
