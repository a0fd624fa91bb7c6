// Intrinsics on native accumulators.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void native_accumulators(bfloat16 *__restrict a, bfloat16 *__restrict b, float *__restrict out, bfloat16 *__restrict low) {
  v32bfloat16 *pa = (v32bfloat16 *)a, *pb = (v32bfloat16 *)b;
  v16accfloat acc = mul_elem_16_2(pa[0], pb[0]);
  for (int i = 1; i < 4; i++) acc = mac_elem_16_2(pa[i], pb[i], acc);
  aie::store_v(out, aie::accum<accfloat, 16>(acc).to_vector<float>());
  *(v16bfloat16 *)low = to_v16bfloat16(acc);
}
