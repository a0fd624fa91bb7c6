#include <aie_api/aie.hpp>
#define W10(x) x x x x x x x x x x
#define W10K(x) W10(W10(W10(W10(x))))
void k(int8_t *in, int8_t *out) {
#pragma clang diagnostic warning "-Weverything"
  W10K(_Pragma("message(\"a long message to fill the pipe of whoever listens\")") in[0];)
  for (int i = 0; i < 64; i++) out[i] = in[i];
}
