#include <aie_api/aie.hpp>
#define F(n, m) __attribute__((always_inline)) inline int f##n(volatile int8_t *p) { return f##m(p) + f##m(p + 1) * f##m(p + 2) + f##m(p + 3); }
__attribute__((always_inline)) inline int f0(volatile int8_t *p) { return p[0]; }
F(1, 0) F(2, 1) F(3, 2) F(4, 3) F(5, 4) F(6, 5) F(7, 6) F(8, 7) F(9, 8) F(10, 9) F(11, 10) F(12, 11)
void k(int8_t *in, int8_t *out) { out[0] = (int8_t)f12(in); }
