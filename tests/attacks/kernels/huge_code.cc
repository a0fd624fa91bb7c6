#include <aie_api/aie.hpp>
#define R10(x) x x x x x x x x x x
#define R1K(x) R10(R10(R10(x)))
#define BLOW R1K(o[1] = in[2] * o[3]; o[4] ^= o[5];)
void k(int8_t *in, int8_t *out) { volatile int8_t *o = out; BLOW BLOW BLOW BLOW }
