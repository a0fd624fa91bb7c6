/*
c = a b with a of m rows and k columns, b of k rows and n columns, all row-major.
`m`, `k` and `n` are multiples of 8.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_i8(int8_t *a, int8_t *b, int32_t *c, int32_t m, int32_t k, int32_t n) {
    for (int32_t row = 0; row < m; row++) {
        for (int32_t column = 0; column < n; column++) {
            int32_t sum = 0;
            for (int32_t i = 0; i < k; i++) {
                sum += (int32_t)a[row * k + i] * (int32_t)b[i * n + column];
            }
            c[row * n + column] = sum;
        }
    }
}
