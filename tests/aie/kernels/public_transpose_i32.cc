// 16 x 16 words turned: four by four tiles, and native interleaving.
#include <aie_api/aie.hpp>

void public_transpose_i32(int32_t *restrict in, int32_t *restrict out) {
  for (int y = 0; y < 16; y += 4)
    for (int x = 0; x < 16; x += 4) {
      aie::vector<int32_t, 16> tile;
      for (int r = 0; r < 4; r++) tile.insert(r, aie::load_v<4>(in + (y + r) * 16 + x));
      tile = ((x + y) & 4) ? aie::vector<int32_t, 16>(shuffle(v16int32(tile), v16int32(tile), T32_4x4)) : aie::transpose(tile, 4, 4);
      for (int r = 0; r < 4; r++) aie::store_v(out + (x + r) * 16 + y, tile.extract<4>(r));
    }
}
