#include <aie_api/aie.hpp>
static const int8_t table[64] = {1,2,3};
void k(int8_t *in, int8_t *out) {
  volatile int8_t *t = const_cast<volatile int8_t *>(table);
  for (int i = 0; i < 64; i++) { t[i] = in[i]; out[i] = t[i]; }
}
