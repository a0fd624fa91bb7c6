#include <aie_api/aie.hpp>
typedef int v16 __attribute__((vector_size(64))); typedef float f16 __attribute__((vector_size(64)));
void k(int8_t *in, int8_t *out) { f16 f; for (int i = 0; i < 16; i++) f[i] = in[i]; f = __builtin_ia32_sqrtps512(f, 4); for (int i = 0; i < 64; i++) out[i] = f[i&15]; }
