#include <aie_api/aie.hpp>
static char pool[64];
void *operator new(size_t n) { return pool; } void operator delete(void*, size_t) noexcept {} void operator delete(void*) noexcept {}
void k(int8_t *in, int8_t *out) { int8_t *p = new int8_t[64]; for (int i = 0; i < 64; i++) p[i] = in[i];  for (int i = 0; i < 64; i++) out[i] = p[i]; delete p; }
