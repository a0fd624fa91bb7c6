#include <aie_api/aie.hpp>
#define R10(x) x x x x x x x x x x
#define R1K(x) R10(R10(R10(x)))
void k(int8_t *in, int8_t *out) {
  volatile int8_t *o = out;
  switch (in[0] * 1000) { R10(R1K(case __COUNTER__: o[__COUNTER__ & 63] = in[3];)) }
}
