#include <aie_api/aie.hpp>
#include <math.h>
void k(int8_t *in, int8_t *out) {
  for (int i = 0; i < 64; i++) out[i] = in[i];
  double whole; 
  modf(in[0] * 1.5, (double *)(in + 256));
}
