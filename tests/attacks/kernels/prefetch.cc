#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { __builtin_prefetch(in); __builtin___clear_cache((char*)in, (char*)out); for (int i = 0; i < 64; i++) out[i] = in[i] + __builtin_expect(0,0) + (int)__builtin_constant_p(in[0]) + __builtin_object_size(in,0); }
