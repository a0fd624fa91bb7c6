#include <aie_api/aie.hpp>
static int total;
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) { __atomic_fetch_add(&total, in[i], 5); out[i] = (int8_t)total; } __sync_synchronize(); }
