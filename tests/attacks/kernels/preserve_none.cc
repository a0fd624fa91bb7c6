#include <aie_api/aie.hpp>
__attribute__((preserve_none,noinline)) int f(int x){return x;}void k(int8_t *in, int8_t *out) { out[0]=f(in[0]); }
