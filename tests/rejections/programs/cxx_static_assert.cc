// expect: the tile is too small
#include <aie_api/aie.hpp>

constexpr int tile = 24;
static_assert(tile % 32 == 0, "the tile is too small");  // <- here

void k(int16_t *a, int16_t *b, int16_t *c) { c[0] = a[0] + b[0]; }
