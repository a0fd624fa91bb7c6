// 16 bits to 8: wrapped, then saturated.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void narrow_int16(int16_t *__restrict in, uint16_t *__restrict uin, int8_t *__restrict wrapped, int8_t *__restrict limited, uint8_t *__restrict ulimited) {
  aie::set_saturation(aie::saturation_mode::none);
  for (int i = 0; i < 128; i += 32) aie::store_v(wrapped + i, aie::load_v<32>(in + i).pack());
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 128; i += 64) {
    aie::store_v(limited + i, aie::pack(aie::load_v<64>(in + i)));
    aie::store_v(ulimited + i, aie::load_v<64>(uin + i).pack());
  }
}
