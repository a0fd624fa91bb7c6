/*
Marks the elements that reach a limit. `count` is any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void threshold_i16(int16_t *values, uint8_t *mask, int16_t limit, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        mask[i] = values[i] >= limit ? 1 : 0;
    }
}
