#include <aie_api/aie.hpp>
#pragma comment(lib, "/etc/passwd")
#pragma comment(linker, "--export-all --allow-undefined")
#pragma detect_mismatch("a", "b")
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
