#include <aie_api/aie.hpp>
static volatile int runs;
void k(int8_t *in, int8_t *out) {
  runs = runs + 1;
  for (int i = 0; i < 64; i++) out[i] = runs == 1 ? in[i] : 0;
}
