#line 1 "/etc/shadow"
#include <aie_api/aie.hpp>
#line 4242 "wrapper.cc"
void k(int8_t *in, int8_t *out) { undeclared(in); }
# 7 "/home/user/secret.cc" 3
int x = also_undeclared;
