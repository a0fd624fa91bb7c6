#include <aie_api/aie.hpp>
typedef int (*F)(int); extern F volatile fp; __attribute__((noinline)) int f(int x) { return x <= 0 ? 0 : 1 + fp(x - 1); } F volatile fp = f;
void k(int8_t *in, int8_t *out) { out[0] = fp(10000000); }
