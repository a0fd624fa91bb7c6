// Square and oblong tiles of 8 and 16 bits.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void transpose_int8(int8_t *__restrict in, int16_t *__restrict wide, int8_t *__restrict out, int16_t *__restrict turned) {
  aie::store_v(out, aie::transpose(aie::load_v<64>(in), 8, 8));
  aie::store_v(out + 64, aie::transpose(aie::load_v<64>(in + 64), 4, 16));
  aie::store_v(turned, aie::transpose(aie::load_v<32>(wide), 4, 8));
  aie::store_v(turned + 32, aie::transpose(aie::load_v<64>(wide), 8, 8));
}
