#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(39) : "rcx", "r11", "memory");
  out[0] = (int8_t)result;
}
