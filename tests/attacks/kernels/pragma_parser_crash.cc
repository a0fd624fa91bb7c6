#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
#pragma clang __debug parser_crash
#pragma clang __debug llvm_fatal_error
#pragma clang __debug overflow_stack
}
