#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { unsigned x; __builtin_ia32_rdseed32_step(&x); }
