#include <aie_api/aie.hpp>
__attribute__((annotate("/etc/passwd"))) int q=4; __attribute__((annotate("x"),noinline)) int f(int x){return x;}void k(int8_t *in, int8_t *out) { int y __attribute__((annotate("y")))=in[0]; out[0]=f(y); q=5; }
