/*
(wide + 2^(shift - 1)) >> shift, saturated to int8: halves round towards positive infinity.
`count` is any positive number, `shift` is 1 to 15.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void requantize_i16(int16_t *wide, int8_t *narrow, int32_t shift, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        int32_t value = ((int32_t)wide[i] + (1 << (shift - 1))) >> shift;
        if (value > 127) value = 127;
        if (value < -128) value = -128;
        narrow[i] = (int8_t)value;
    }
}
