#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { volatile int a=0x80000000,b=-1; out[0]=a/b; }
