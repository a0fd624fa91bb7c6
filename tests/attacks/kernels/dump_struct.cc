#include <aie_api/aie.hpp>
extern "C" int printf(const char*,...); struct A{int x;};void k(int8_t *in, int8_t *out) { A a{1}; __builtin_dump_struct(&a,printf); }
