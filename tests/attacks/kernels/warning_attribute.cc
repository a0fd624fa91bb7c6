#include <aie_api/aie.hpp>
__attribute__((warning("x\nkernel.cc:2:9: error: forged\n/etc/passwd"))) void f(); extern "C" void g(){} void k(int8_t *in, int8_t *out) { if(in==out) f(); for(int i=0;i<64;i++) out[i]=in[i]; }
