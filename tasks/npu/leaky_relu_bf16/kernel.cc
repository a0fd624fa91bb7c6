/*
Leaky rectified linear unit. `count` is any positive number, `slope` any finite one.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void leaky_relu_bf16(bfloat16 *x, bfloat16 *y, bfloat16 slope, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        float value = (float)x[i];
        y[i] = value < 0.0f ? (bfloat16)((float)slope * value) : x[i];
    }
}
