#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
#pragma redefine_extname event0 event1
#pragma weak event1 = event0
#pragma pack(push, 1)
#pragma STDC FP_CONTRACT ON
#pragma float_control(precise, off, push)
