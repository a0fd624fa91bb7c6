/*
Sum of `count` int16 elements, exact in int32. `count` is any positive number up to 65536.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sum_i16(int16_t *values, int32_t *total, int32_t count) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += values[i];
    }
    total[0] = sum;
}
