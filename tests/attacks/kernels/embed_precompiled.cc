#include <aie_api/aie.hpp>
static const unsigned char s[] = {
#embed "aie.pch" limit(64)
};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = s[i]; }
