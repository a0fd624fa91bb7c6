#include <aie_api/aie.hpp>
namespace aie { namespace detail { static int8_t hidden[64]; } }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) aie::detail::hidden[i] = in[i]; for (int i = 0; i < 64; i++) out[i] = aie::detail::hidden[i]; }
