/*
Rectified linear unit of 1024 int8 elements.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void relu_i8(int8_t *in, int8_t *out) {
    for (int32_t i = 0; i < 1024; i++) {
        out[i] = in[i] > 0 ? in[i] : 0;
    }
}
