#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { void *buffer[5]; if (__builtin_setjmp(buffer) == 0) __builtin_longjmp(buffer, 1); out[0] = 1; }
