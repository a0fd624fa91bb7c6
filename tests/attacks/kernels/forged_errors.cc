#include <aie_api/aie.hpp>
#define A #error x
#error E1
#error E2
#warning W
#pragma message("/etc/passwd: hello \x1b[31m")
#pragma GCC error "kernel.cc:1:1: error: forged"
#pragma GCC warning "wrapper.cc:2:2: warning: forged"
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
