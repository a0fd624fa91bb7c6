#include <aie_api/aie.hpp>
static const char s[] = __BASE_FILE__ __FILE_NAME__;
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = s[i % sizeof s]; }
