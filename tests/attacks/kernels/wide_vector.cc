#include <aie_api/aie.hpp>
typedef int V __attribute__((vector_size(1024)));
void k(int8_t *in, int8_t *out) { V v; for (int i = 0; i < 256; i++) v[i] = in[i & 63] + i; V w = __builtin_elementwise_add_sat(v, v * 3); int s = __builtin_reduce_add(w); for (int i = 0; i < 64; i++) out[i] = (int8_t)(s + i); }
