#include <aie_api/aie.hpp>

void k(int32_t *__restrict a, int32_t *__restrict c) { c[0] = aie::reduce_add(aie::load_v<16>(a)); }
