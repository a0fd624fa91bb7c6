// Shifts whose vacated lanes nobody reads.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void shuffle_partial(int16_t *__restrict in, int16_t *__restrict out) {
  aie::vector<int16, 16> v = aie::load_v<16>(in);
  aie::vector<int16, 16> up = aie::shuffle_up(v, 5), down = aie::shuffle_down(v, 5);
  for (int i = 5; i < 16; i++) out[i - 5] = up[i];
  for (int i = 0; i < 11; i++) out[11 + i] = down[i];
}
