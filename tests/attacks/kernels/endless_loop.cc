#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { volatile int n = 0; for (;;) n = n + 1; }
