#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { void (*volatile f)()=nullptr; f(); }
