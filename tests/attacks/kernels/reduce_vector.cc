#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { typedef char v __attribute__((ext_vector_type(64))); v a=*(v*)in; a=__builtin_elementwise_max(a,a); out[0]=__builtin_reduce_add(a); for(int i=0;i<64;i++) out[i]=a[i]; }
