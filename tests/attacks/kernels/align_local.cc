#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { char a[4] __attribute__((aligned(1<<20))); ((volatile char*)a)[0]=1; out[0]=a[0]; }
