#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { char *p=(char*)0xfffffff0; for(int i=0;i<64;i++) p[i]=1; }
