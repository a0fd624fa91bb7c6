#include <aie_api/aie.hpp>
struct Big { unsigned char data[1 << 30]; constexpr Big() : data{} { for (int i = 0; i < (1 << 30); i++) data[i] = (unsigned char)i; } };
constexpr Big big;
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = big.data[in[i]]; }
