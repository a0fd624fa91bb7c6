/*
A finite impulse response without padding: filtered[i] = sum over t of samples[i + t] * taps[t].
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void fir_i8(int8_t *samples, int8_t *taps, int32_t *filtered) {
    constexpr int32_t TAPS = 8;
    constexpr int32_t N = 1024;
    for (int32_t i = 0; i < N; i++) {
        int32_t sum = 0;
        for (int32_t t = 0; t < TAPS; t++) {
            sum += (int32_t)samples[i + t] * (int32_t)taps[t];
        }
        filtered[i] = sum;
    }
}
