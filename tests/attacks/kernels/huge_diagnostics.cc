#include <aie_api/aie.hpp>
#define W10(x) x x x x x x x x x x
#define W10K(x) W10(W10(W10(W10(x))))
W10K(undeclared_thing_number_one = 1;)
template <class... T> void f(T...) { static_assert(sizeof...(T) == 0, "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"); f(1, T()...); }
void k(int8_t *in, int8_t *out) { f(1); W10K(nothing(in, out);) }
