#include <aie_api/aie.hpp>
#define A1 1+1+1+1+1+1+1+1+1+1
#define A2 A1+A1+A1+A1+A1+A1+A1+A1+A1+A1
#define A3 A2+A2+A2+A2+A2+A2+A2+A2+A2+A2
#define A4 A3+A3+A3+A3+A3+A3+A3+A3+A3+A3
#define A5 A4+A4+A4+A4+A4+A4+A4+A4+A4+A4
#define A6 A5+A5+A5+A5+A5+A5+A5+A5+A5+A5
#define A7 A6+A6+A6+A6+A6+A6+A6+A6+A6+A6
#define A8 A7+A7+A7+A7+A7+A7+A7+A7+A7+A7
#define A9 A8+A8+A8+A8+A8+A8+A8+A8+A8+A8
void k(int8_t *in, int8_t *out) { out[0] = A9; }
