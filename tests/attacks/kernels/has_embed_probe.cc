#include <aie_api/aie.hpp>
#if __has_embed("/etc/passwd") != __STDC_EMBED_NOT_FOUND__ || __has_embed("/etc/hostname") != __STDC_EMBED_NOT_FOUND__ || __has_embed("/bin/sh") != __STDC_EMBED_NOT_FOUND__
#error a file of the host is there
#endif
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
