#include <aie_api/aie.hpp>
_Pragma("clang optimize off")
_Pragma("GCC system_header")
_Pragma("clang diagnostic ignored \"-Weverything\"")
_Pragma("push_macro(\"k\")")
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
