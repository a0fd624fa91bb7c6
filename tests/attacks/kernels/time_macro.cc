#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { const char *now = __DATE__ __TIME__; for (int i = 0; i < 64; i++) out[i] = now[i % 19]; }
