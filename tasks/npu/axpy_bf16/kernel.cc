/*
A multiple of one bfloat16 vector is added to another, in float32, and rounded once.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void axpy_bf16(bfloat16 *x, bfloat16 *y, bfloat16 *out, bfloat16 alpha) {
    constexpr int32_t N = 1024;
    for (int32_t i = 0; i < N; i++) {
        float value = (float)alpha * (float)x[i] + (float)y[i];
        out[i] = (bfloat16)value;
    }
}
