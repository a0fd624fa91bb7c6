#include <aie_api/aie.hpp>
#undef __FILE__
#define __FILE__ "/etc/passwd"
#undef __cplusplus
#define __cplusplus 1
#include <cmath>
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
