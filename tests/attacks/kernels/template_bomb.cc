#include <aie_api/aie.hpp>
template <int N> struct Bomb { static constexpr long value = Bomb<N + 1>::value + Bomb<N + 2>::value; };
void k(int8_t *in, int8_t *out) { out[0] = Bomb<0>::value; }
