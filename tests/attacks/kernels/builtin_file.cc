#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  static const char here[] = __FILE__ __BASE_FILE__;
  const char *file = __builtin_FILE(), *function = __builtin_FUNCTION();
  for (int i = 0; i < 64; i++) out[i] = i < 20 ? here[i % sizeof here] : i < 40 ? file[(i - 20) % 9] : function[0];
}
