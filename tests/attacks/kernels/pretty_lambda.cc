#include <aie_api/aie.hpp>
struct F{ const char**p; template<class T> void operator()(T) { *p=__PRETTY_FUNCTION__; } };void k(int8_t *in, int8_t *out) { const char*s=""; aie::detail::each<1>(F{&s}); for(int i=0;i<64;i++) out[i]=s[i%20]; }
