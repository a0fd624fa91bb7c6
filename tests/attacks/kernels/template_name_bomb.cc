#include <aie_api/aie.hpp>
template <class A, class B> struct P {};
template <int N, class T> struct G { using t = typename G<N - 1, P<T, T>>::t; };
template <class T> struct G<0, T> { using t = T; };
using Big = typename G<200, int>::t;
void k(int8_t *in, int8_t *out) { Big b; b.missing(); }
