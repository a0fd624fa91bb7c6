// Windows read and written at any offset.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void copy_unaligned(int8_t *__restrict in, int8_t *__restrict out) {
  for (int i = 0; i < 3; i++) aie::store_unaligned_v(out + 1 + 32 * i, aie::load_unaligned_v<32>(in + 3 + 32 * i));
  out[0] = in[0];
  for (int i = 97; i < 128; i++) out[i] = in[i];
}
