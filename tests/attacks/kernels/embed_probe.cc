#include <aie_api/aie.hpp>
#if __has_embed("/etc/passwd") || __has_embed("/dev/urandom") || __has_include("/etc/passwd") || __has_include_next("/etc/passwd")
#error FOUND
#endif
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
