#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { out[0]=*(char*)__builtin_frame_address(0); }
