#include <aie_api/aie.hpp>
__attribute__((regcall,noinline)) int f(int x){return x;} __attribute__((vectorcall,noinline)) int g(int x){return x;}void k(int8_t *in, int8_t *out) { for(int i=0;i<64;i++) out[i]=f(in[i])+g(1)-1; }
