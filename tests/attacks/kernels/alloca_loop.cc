#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 100000; i++) { char *volatile p = (char*)__builtin_alloca(64); p[0] = 1; } out[0] = 1; }
