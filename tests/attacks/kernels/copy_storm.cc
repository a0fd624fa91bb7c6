#include <aie_api/aie.hpp>
static char a[8000],b[8000];void k(int8_t *in, int8_t *out) { for(unsigned i=0;i<4000000000u;i++) { int n=8000-(in[i&63]&1); __builtin_memcpy(a,b,n); b[i&4095]=a[i&63]; } out[0]=b[3]; }
