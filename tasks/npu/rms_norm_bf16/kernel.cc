/*
Root-mean-square normalisation of the rows of a matrix: x / sqrt(mean(x * x) + 1e-5) * weight.
`width` is a multiple of 32, `rows` any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void rms_norm_bf16(bfloat16 *x, bfloat16 *weight, bfloat16 *y, int32_t rows, int32_t width) {
    for (int32_t r = 0; r < rows; r++) {
        float sum = 0.0f;
        for (int32_t i = 0; i < width; i++) {
            float value = (float)x[r * width + i];
            sum += value * value;
        }
        float scale = 1.0f / sqrtf(sum / (float)width + 1e-5f);
        for (int32_t i = 0; i < width; i++) {
            float value = (float)x[r * width + i];
            y[r * width + i] = (bfloat16)(value * scale * (float)weight[i]);
        }
    }
}
