#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { a\
sm goto("" : : : : x); x: out[0] = 1; }
