#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { out[0]=__builtin_cpu_supports("avx2"); __builtin_cpu_init(); }
