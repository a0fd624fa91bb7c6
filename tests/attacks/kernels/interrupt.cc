#include <aie_api/aie.hpp>
__attribute__((interrupt)) void f(int *p) { }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
