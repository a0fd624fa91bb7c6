#include <aie_api/aie.hpp>
struct G{ G(); int v; } ; extern G b; G::G():v(b.v+1){} G a,b;void k(int8_t *in, int8_t *out) { out[0]=a.v; }
