#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  __aie_v16 v = {}; 
  for (int i = 0; i < 64; i++) { out[i] = (int8_t)(__aie_vextract_w8(v, in[i] * 100000007) + __aie_vextract_w32(v, -in[i] * 77777)); v = __aie_vinsert_w8(v, in[i] * 1000000, i); }
  v = __aie_vshift(v, v, in[3] * 12345678); v = __aie_vshuffle_reverse_w8(v, in[4] * 9999999);
  v = __aie_vshuffle_transpose_w8(v, v, in[5] * 99999, in[6] * 99991, in[7] * 999); v = __aie_vget_q128(v, in[9] * 7777); v = __aie_vset_q128(v, v, in[8] * 77777);
  v = __aie_vshuffle_even_w16(v, v, in[10] * 55555);
  out[0] += v[0];
}
