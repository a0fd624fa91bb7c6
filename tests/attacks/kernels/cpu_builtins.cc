#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (int8_t)__builtin_ia32_rdtsc(); __builtin_ia32_pause(); __builtin_prefetch(in); }
