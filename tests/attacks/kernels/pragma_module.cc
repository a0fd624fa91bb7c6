#include <aie_api/aie.hpp>
#pragma clang module import std
#pragma clang module build foo
module foo {}
#pragma clang module contents
#pragma clang module endbuild
#pragma clang module load foo
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
