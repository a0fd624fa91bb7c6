#include <aie_api/aie.hpp>
template<class T,T...I> struct Q{}; using X=__make_integer_seq<Q,int,100000000>; X x;void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
