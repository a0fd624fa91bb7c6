#include <aie_api/aie.hpp>
__attribute__((unavailable("/tmp/x"))) void f(); void k(int8_t *in, int8_t *out) { f(); }
