// Rotations and replicated edges, by a runtime amount.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void rotate_int32(int32_t *__restrict in, int32_t *__restrict up, int32_t *__restrict down, int32_t *__restrict edge_up, int32_t *__restrict edge_down, int32_t n) {
  aie::vector<int32, 16> v = aie::load_v<16>(in);
  aie::store_v(up, aie::shuffle_up_rotate(v, n));
  aie::store_v(down, aie::shuffle_down_rotate(v, n));
  aie::store_v(edge_up, aie::shuffle_up_replicate(v, n));
  aie::store_v(edge_down, aie::shuffle_down_replicate(v, n));
}
