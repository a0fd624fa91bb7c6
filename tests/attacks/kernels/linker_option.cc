#include <aie_api/aie.hpp>
#define CAT(a, b) a##b
int hole CAT(__a, sm__)("x --wrap=__kg_store") = 1;
extern "C" void __wrap___kg_store(void *, int, int, int) {}
void k(int8_t *in, int8_t *out) { hole++; for (int i = 0; i < 64; i++) out[i] = in[i]; volatile int8_t *p = out; p[70] = 1; }
