#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  static const void *labels[] = {&&a, &&b};
  goto *labels[in[0] & 1];
a: out[0] = 1;
b: out[1] = 2;
}
