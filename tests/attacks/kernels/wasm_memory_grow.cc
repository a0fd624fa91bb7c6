#include <aie_api/aie.hpp>
extern "C" int wasm_grow(int, int) __attribute__((weak));
void k(int8_t *in, int8_t *out) { out[0] = (int8_t)__builtin_wasm_memory_grow(0, 60000); }
