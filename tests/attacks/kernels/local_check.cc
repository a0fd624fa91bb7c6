#include <aie_api/aie.hpp>
#define CAT(a, b) a##b
__attribute__((noinline, used)) static void mine(void *, int, int, int) CAT(__a, sm__)("\01__kg_store");
static void mine(void *, int, int, int) {}
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; volatile int8_t *p = out; p[70] = 1; }
