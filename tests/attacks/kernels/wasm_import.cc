#include <aie_api/aie.hpp>
extern "C" __attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int fd_write(int, int, int, int);
void k(int8_t *in, int8_t *out) { out[0] = (int8_t)fd_write(1, 0, 0, 0); }
