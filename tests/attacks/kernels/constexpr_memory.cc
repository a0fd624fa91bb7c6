#include <aie_api/aie.hpp>
constexpr int hog() { int *p[100000] = {}; for (int i = 0; i < 100000; i++) p[i] = new int[100000]; return p[0] != nullptr; }
static_assert(hog() == 1);
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
