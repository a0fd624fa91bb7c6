/*
Saturating sum of two int8 vectors. `count` is any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sat_add_i8(int8_t *left, int8_t *right, int8_t *total, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        int32_t sum = (int32_t)left[i] + (int32_t)right[i];
        if (sum > 127) sum = 127;
        if (sum < -128) sum = -128;
        total[i] = (int8_t)sum;
    }
}
