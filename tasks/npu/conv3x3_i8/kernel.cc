/*
Each output is the sum of a 3x3 window times the weights, plus 2^(shift - 1), shifted right by
`shift` and saturated to int8. `height` and `width` are at least 3, `shift` is 1 to 16.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv3x3_i8(int8_t *image, int8_t *weights, int8_t *out, int32_t height, int32_t width,
                int32_t shift) {
    int32_t columns = width - 2;
    for (int32_t y = 0; y < height - 2; y++) {
        for (int32_t x = 0; x < columns; x++) {
            int32_t sum = 1 << (shift - 1);
            for (int32_t dy = 0; dy < 3; dy++) {
                for (int32_t dx = 0; dx < 3; dx++) {
                    sum += (int32_t)image[(y + dy) * width + x + dx] * (int32_t)weights[dy * 3 + dx];
                }
            }
            sum >>= shift;
            if (sum > 127) sum = 127;
            if (sum < -128) sum = -128;
            out[y * columns + x] = (int8_t)sum;
        }
    }
}
