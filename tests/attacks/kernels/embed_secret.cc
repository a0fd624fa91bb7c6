#include <aie_api/aie.hpp>
static const unsigned char stolen[] = {
#embed "@SECRET@" limit(64) if_empty(0)
};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (int8_t)stolen[i % sizeof stolen]; }
