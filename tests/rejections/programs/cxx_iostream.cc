// expect: iostream; file not found
#include <aie_api/aie.hpp>
#include <iostream>  // <- here

void k(int16_t *a, int16_t *b, int16_t *c) {
  std::cout << a[0];
}
