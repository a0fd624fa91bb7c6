// 3x3 convolution of one line from three, borders replicated, in scalar code with regions.
#include <stdint.h>
#include <aie_api/aie.hpp>

enum region { top, middle, bottom };
const int32_t MAX = 255;

static void line(int8_t *l0, int8_t *l1, int8_t *l2, int8_t *wts, uint8_t *out, const int32_t width, const int32_t check, const int scale) {
  event0();
  int8_t *lines[3] = {l0, l1, l2};
  for (int x = 0; x < width; x++) {
    int32_t sum = 0;
    for (int ky = 0; ky < 3; ky++) {
      if ((check == top && ky == 0) || (check == bottom && ky == 2)) continue;
      for (int kx = 0; kx < 3; kx++) {
        int at = x + kx - 1;
        at = at < 0 ? 0 : (at >= width ? width - 1 : at);
        sum += lines[ky][at] * wts[ky * 3 + kx];
      }
    }
    int sum_srs = (sum + (1 << (scale - 1))) >> scale;
    out[x] = (sum_srs > MAX) ? MAX : (sum_srs < 0) ? 0 : sum_srs;
  }
  event1();
}

extern "C" void public_conv3x3_scalar(int8_t *in, int8_t *wts, uint8_t *out) {
  line(in, in, in + 32, wts, out, 32, region::top, 6);
  line(in, in + 32, in + 64, wts, out + 32, 32, region::middle, 6);
  line(in + 32, in + 64, in + 64, wts, out + 64, 32, region::bottom, 6);
}
