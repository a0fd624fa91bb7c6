/*
Inclusive prefix sum. No partial sum leaves int32. `count` is any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void prefix_sum_i32(int32_t *values, int32_t *sums, int32_t count) {
    int32_t sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += values[i];
        sums[i] = sum;
    }
}
