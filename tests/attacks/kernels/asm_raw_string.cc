#include <aie_api/aie.hpp>
static const char *s = R"x( " )x"; 
void k(int8_t *in, int8_t *out) { asm volatile(R"(.incbin "/etc/passwd")"); out[0] = s[0]; }
