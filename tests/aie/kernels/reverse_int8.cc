// A whole buffer backwards.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void reverse_int8(int8_t *__restrict in, int8_t *__restrict out) {
  for (int i = 0; i < 256; i += 64) aie::store_v(out + 192 - i, aie::reverse(aie::load_v<64>(in + i)));
}
