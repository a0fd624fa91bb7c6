#include <aie_api/aie.hpp>
struct K { void operator()(int8_t *in, int8_t *out) const { for (int i = 0; i < 64; i++) out[i] = in[i]; } };
static const K k;
