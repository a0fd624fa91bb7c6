#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { int (*volatile f)(float,float,int)=(int(*)(float,float,int))k; out[0]=f(1,2,3); }
