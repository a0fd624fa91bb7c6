#include <aie_api/aie.hpp>
#pragma clang section bss="myBSS" data="d" rodata="r" text="t"
int x; int y = 3; const int z[2] = {1,2};
#pragma GCC visibility push(hidden)
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i] + x++ - x + 1; }
