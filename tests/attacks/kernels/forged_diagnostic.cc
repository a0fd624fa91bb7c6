#include <aie_api/aie.hpp>
#pragma message "\n/etc/passwd:1:1: error: root:x:0:0\nkernel.cc:1:1: error: forged"
#error "\x1b[31m" /etc/passwd:1:1: error: forged
void k(int8_t *in, int8_t *out) { }
