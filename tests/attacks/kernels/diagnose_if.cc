#include <aie_api/aie.hpp>
void f(int x) __attribute__((diagnose_if(x, "a\nwrapper.cc:1:1: error: z", "error"))){} void k(int8_t *in, int8_t *out) { f(1); }
