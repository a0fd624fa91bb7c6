/*
Maximum pooling with squares of 2x2 and stride 2. `height` and `width` are even.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void maxpool2_u8(uint8_t *image, uint8_t *pooled, int32_t height, int32_t width) {
    for (int32_t y = 0; y < height; y += 2) {
        for (int32_t x = 0; x < width; x += 2) {
            uint8_t most = image[y * width + x];
            if (image[y * width + x + 1] > most) most = image[y * width + x + 1];
            if (image[(y + 1) * width + x] > most) most = image[(y + 1) * width + x];
            if (image[(y + 1) * width + x + 1] > most) most = image[(y + 1) * width + x + 1];
            pooled[(y / 2) * (width / 2) + x / 2] = most;
        }
    }
}
