#include <aie_api/aie.hpp>
extern "C" int system(const char *);
extern "C" int puts(const char *);
void k(int8_t *in, int8_t *out) { out[0] = (int8_t)(system("id") + puts("x")); }
