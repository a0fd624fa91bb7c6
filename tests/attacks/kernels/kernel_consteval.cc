#include <aie_api/aie.hpp>
consteval void k(int8_t *in, int8_t *out) { }
