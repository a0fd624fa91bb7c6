#include <aie_api/aie.hpp>
extern "C" int __aie_vextract_i8(int, int) { return 0; }
extern "C" int __aie_vadd_i16(int a, int b) { return a; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
