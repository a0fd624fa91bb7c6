#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { unsigned a = (unsigned)(unsigned long)__builtin_return_address(0) + (unsigned)(unsigned long)__builtin_frame_address(0); for (int i = 0; i < 64; i++) out[i] = (int8_t)(a >> (i & 3) * 8); }
