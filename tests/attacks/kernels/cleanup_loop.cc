#include <aie_api/aie.hpp>
void c(int *p) { for (;;) (*p)++; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) { int x __attribute__((cleanup(c))) = 1; out[i] = in[i]; } }
