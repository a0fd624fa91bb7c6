#include <aie_api/aie.hpp>
typedef unsigned _BitInt(512) W;
void k(int8_t *in, int8_t *out) { W a; __builtin_memcpy(&a, in, 64); W m = 0; W b = (a ^ (a << 3)) + (a & (a >> 9)); b = b ^ (a ^ (a << 3)) ^ a; __builtin_memcpy(out, &b, 64); }
