/*
Softmax of the rows of a matrix; the row's maximum is subtracted before the exponential.
`width` is a multiple of 32, `rows` any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void softmax_bf16(bfloat16 *x, bfloat16 *y, int32_t rows, int32_t width) {
    for (int32_t r = 0; r < rows; r++) {
        float highest = (float)x[r * width];
        for (int32_t i = 1; i < width; i++) {
            float value = (float)x[r * width + i];
            highest = value > highest ? value : highest;
        }
        float sum = 0.0f;
        for (int32_t i = 0; i < width; i++) {
            sum += expf((float)x[r * width + i] - highest);
        }
        float scale = 1.0f / sum;
        for (int32_t i = 0; i < width; i++) {
            float power = expf((float)x[r * width + i] - highest);
            y[r * width + i] = (bfloat16)(power * scale);
        }
    }
}
