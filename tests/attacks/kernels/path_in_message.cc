#include <aie_api/aie.hpp>
#include <aie_api/no_such_header.hpp>
void k(int8_t *in, int8_t *out) { aie::vector<int, 3> v; aie::load_v<3>(in); std::nothing(); }
