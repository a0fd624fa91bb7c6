// expect: couldn't infer template argument 'N'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto it = aie::begin_vector(a);  // <- here
  aie::store_v(c, *it);
}
