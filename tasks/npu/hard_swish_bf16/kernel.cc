/*
The activation x * clamp(x + 3, 0, 6) / 6, computed in float32 and rounded once.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void hard_swish_bf16(bfloat16 *x, bfloat16 *y) {
    for (int32_t i = 0; i < 1024; i++) {
        float value = (float)x[i];
        float gate = value + 3.0f;
        gate = gate < 0.0f ? 0.0f : gate;
        gate = gate > 6.0f ? 6.0f : gate;
        y[i] = (bfloat16)(value * gate * (1.0f / 6.0f));
    }
}
