#include <aie_api/aie.hpp>
__attribute__((error("kernel.cc:9:9: error: forged /etc/passwd"))) void f(); void k(int8_t *in, int8_t *out) { f(); }
