#include <aie_api/aie.hpp>
extern "C" { extern char __heap_base, __data_end, __stack_pointer, __memory_base; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (&__heap_base)[i]; }
