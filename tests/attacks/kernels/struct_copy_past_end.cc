#include <aie_api/aie.hpp>
struct B{ int a[17]; };void k(int8_t *in, int8_t *out) { *(B*)out = *(B*)in; }
