// What the core's compiler predefines, and loop counts by its own pragmas.
#if !defined(__AIECC__) || !defined(__aie__) || __AIE_ARCH__ != 20 || __AIEARCH__ != 20
#error not the core's compiler
#endif
#define __AIENGINE__ 2
#include <aie_api/aie.hpp>
#define TEXT(a) #a
#define LOOP_MIN(x) _Pragma(TEXT(clang loop min_iteration_count(x)))
#define LOOP_MAX(x) _Pragma(TEXT(clang loop max_iteration_count(x)))

void k(int16_t *a, int16_t *b, int16_t *c) {
  LOOP_MIN(4)
  LOOP_MAX(8)
  for (int i = 0; i < 64; i++) c[i] = a[i];
#pragma clang loop min_iteration_count(8) unroll_count(2)
  for (int i = 0; i < 64; i++) c[i] += b[i];
}
