#include <aie_api/aie.hpp>
#line 2147483647 "../../etc/passwd:1:1: error: forged"
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
