// Thresholds of several kinds, chosen by an enumeration, with vectors as arguments of a template.
#include <stdint.h>
#include <aie_api/aie.hpp>

enum kind { binary, binary_inverse, truncated, to_zero };

template <typename T, int N>
__attribute__((noinline)) static void threshold(const T *restrict img_in, T *restrict img_out, const T thresh_val, const T max_val, kind k) {
  ::aie::vector<T, N> limit = ::aie::broadcast<T, N>(thresh_val), most = ::aie::broadcast<T, N>(max_val), zeros = ::aie::zeros<T, N>();
  for (int j = 0; j < 128; j += N) chess_prepare_for_pipelining chess_loop_range(4, ) {
    ::aie::vector<T, N> data = ::aie::load_v<N>(img_in + j), r;
    ::aie::mask<N> above = ::aie::lt(limit, data);
    switch (k) {
      case binary: r = ::aie::select(zeros, most, above); break;
      case binary_inverse: r = ::aie::select(most, zeros, above); break;
      case truncated: r = ::aie::min(data, limit); break;
      default: r = ::aie::select(zeros, data, above);
    }
    ::aie::store_v(img_out + j, r);
  }
}

extern "C" void public_threshold(uint8_t *in, uint8_t *out, int32_t limit, int32_t most, int32_t type) {
  threshold<uint8_t, 64>(in, out, (uint8_t)limit, (uint8_t)most, (kind)type);
}
