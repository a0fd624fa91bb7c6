#include <aie_api/aie.hpp>
extern "C" void __kg_entry(int8_t *, int8_t *);
void k(int8_t *in, int8_t *out) { __kg_entry(in, out); }
