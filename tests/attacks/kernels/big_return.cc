#include <aie_api/aie.hpp>
struct B{int a[100000];}; __attribute__((noinline)) B f(int x){ B b; b.a[x]=1; return b;}void k(int8_t *in, int8_t *out) { out[0]=f(in[0]).a[3]; }
