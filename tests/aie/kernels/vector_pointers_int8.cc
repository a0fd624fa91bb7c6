// Memory seen as an array of API vectors, and vectors kept in an array.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void vector_pointers_int8(int8_t *__restrict in, int8_t *__restrict out) {
  const aie::vector<int8, 32> *from = (const aie::vector<int8, 32> *)in;
  aie::vector<int8, 32> *to = reinterpret_cast<aie::vector<int8, 32> *>(out);
  aie::vector<int8, 32> kept[4];
  for (int i = 0; i < 4; i++) kept[i] = aie::max(from[i], (int8)-20);
  for (int i = 0; i < 4; i++) to[i] = aie::min(kept[3 - i], (int8)20);
  static_assert(sizeof(aie::vector<int8, 16>) == 16 && sizeof(aie::vector<int8, 32>) == 32 && sizeof(aie::vector<int8, 64>) == 64);
}
