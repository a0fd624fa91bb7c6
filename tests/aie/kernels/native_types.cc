// Native vectors, read and written through pointer casts.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void native_types(bfloat16 *__restrict in, int32_t *__restrict a, bfloat16 *__restrict out, int32_t *__restrict b) {
  for (int i = 0; i < 64; i += 16) {
    v16bfloat16 x = *(v16bfloat16 *)(in + i);
    aie::vector<bfloat16, 16> v = x;
    v = aie::max(v, (bfloat16)0.0f);
    *(v16bfloat16 *)(out + i) = v;
  }
  v16int32 *p = (v16int32 *)a, *q = (v16int32 *)b;
  for (int i = 0; i < 4; i++) q[i] = p[i] + p[i];
}
