/*
Turns quantised numbers back into real ones; the product is exact in float32 and rounded once.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dequantize_i8(int8_t *q, bfloat16 *x, bfloat16 scale, int8_t zero) {
    for (int32_t i = 0; i < 2048; i++) {
        int32_t steps = (int32_t)q[i] - (int32_t)zero;
        x[i] = (bfloat16)((float)steps * (float)scale);
    }
}
