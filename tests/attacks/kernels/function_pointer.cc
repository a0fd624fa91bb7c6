#include <aie_api/aie.hpp>
typedef int (*F)(int);
__attribute__((noinline)) static int one(int x) { return x + 1; }
void k(int8_t *in, int8_t *out) { volatile F f = one; for (int i = 0; i < 64; i++) out[i] = f(in[i]); }
