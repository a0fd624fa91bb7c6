#include <aie_api/aie.hpp>
#pragma comment(lib, "/etc/passwd")
#pragma comment(linker, "--export-all --allow-undefined")
#pragma clang attribute push(__attribute__((noinline, used)), apply_to = function)
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
#pragma clang attribute pop
