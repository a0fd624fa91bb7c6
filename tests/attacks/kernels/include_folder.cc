#include <aie_api/aie.hpp>
#include "/"
#include "."
#include ".."
#include "/proc"
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
