#include <aie_api/aie.hpp>
extern "C" int \u00e9t\u00e9(int x) { return x + 1; }
static int $dollar$(int x) { return x * 3; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = \u00e9t\u00e9(in[i]) + $dollar$(in[i]); }
