#include <aie_api/aie.hpp>
constexpr int forever() { int n = 0; for (;;) n = n * 3 + 1; return n; }
static_assert(forever() == 0);
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
