#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
struct event0_ {}; namespace aie { void set_rounding(int) { } }
