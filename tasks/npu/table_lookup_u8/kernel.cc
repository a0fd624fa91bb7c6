/*
values[i] = table[codes[i]]; the table has an entry for every code. `count` is any positive number.
*/
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void table_lookup_u8(uint8_t *codes, int8_t *table, int8_t *values, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        values[i] = table[codes[i]];
    }
}
