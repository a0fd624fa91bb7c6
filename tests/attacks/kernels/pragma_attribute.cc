#include <aie_api/aie.hpp>
#pragma clang attribute push(__attribute__((section(".custom_section.target"), used, visibility("default"))), apply_to = any(function, variable(is_global)))
static int counter = 3;
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i] + (counter++ & 0); }
#pragma clang attribute pop
