#include <aie_api/aie.hpp>
static const unsigned char s[] = {
#embed "../../../../etc/hostname" limit(8)
};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = s[0]; }
