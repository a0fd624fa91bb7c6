#include <aie_api/aie.hpp>
#include <aie_api/expr.hpp>
#include <aie_api/iterator.hpp>
#include <aie_api/tile.hpp>

using aie::operators::operator+;

static __aie_inline auto twice(const aie::vector<int16_t, 32> &v) { return v + v; }
void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::operators::operator-(twice(aie::load_v<32>(a)), aie::load_v<32>(b));
  aie::store_v(c, v);
}
