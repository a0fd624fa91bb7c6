#include <aie_api/aie.hpp>
extern "C" int __aie_vadd_nonsense(int);
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = __aie_vadd_nonsense(in[i]); }
