#include <aie_api/aie.hpp>
#if __has_include("/etc/passwd") || __has_include("@SECRET@") || __has_include("/proc/self/exe") || \
    __has_include("@HOME@/.secret") || __has_include("../../../../../../etc/passwd") || \
    __has_embed("@SECRET@") == 1 || __has_embed("/proc/self/environ") == 1
#error a file of the host is there
#endif
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
