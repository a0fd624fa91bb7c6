#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  static_assert(__builtin_strlen(__FILE__) == 0, __FILE__ __BASE_FILE__ __TIMESTAMP__);
#pragma message __BASE_FILE__
}
