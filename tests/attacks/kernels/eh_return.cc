#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { __builtin_eh_return(1,in); }
