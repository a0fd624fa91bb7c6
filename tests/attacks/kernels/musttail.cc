#include <aie_api/aie.hpp>
__attribute__((noinline)) int f(int x){ if(!x) return 1; [[clang::musttail]] return f(x-1); }void k(int8_t *in, int8_t *out) { out[0]=f(in[0]); }
