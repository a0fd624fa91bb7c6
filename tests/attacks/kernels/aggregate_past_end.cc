#include <aie_api/aie.hpp>
struct B{ long long a,b; }; __attribute__((noinline)) B f(int8_t*p){ return *(B*)p; }void k(int8_t *in, int8_t *out) { for(int i=0;i<4;i++) ((B*)out)[i]=f(in+16*i); B x=f(in); __builtin_memcpy(out+56,&x,16); }
