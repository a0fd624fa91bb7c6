// Lookup tables: gathered loads and what a table must be.
#include "aie_api/machine.hpp"
#include "lanes.hpp"

extern "C" __attribute__((noreturn)) void __kg_table_fault(int what, int site, const void *address);

enum { MISALIGNED = 5, SMALL = 6, COPIES = 7 };
enum { REACH = 0x120000 };  // as in tile/runtime.c

// An address counts both copies of every 128 bits: of 32 bytes on, 16 / sizeof(T) values are there.
template <class T> static inline __aie_v8 gathered(__aie_v16 addresses, int q, const void *ab, const void *cd, int site) {
  constexpr unsigned each = 2 * sizeof(T);
  unsigned apart = (unsigned)cd - (unsigned)ab;
  auto a = as<unsigned>(addresses);
  unsigned long long r __attribute__((vector_size(32)));
  for (int i = 0; i < 4; i++) {
    unsigned at = a[4 * q + i], here = (at & ~31u) + at % 32 / each * sizeof(T), there = i < 2 ? here + apart : here - apart;
    if (here >= REACH) __kg_table_fault(COPIES, site, (const void *)here);
    auto read = [](unsigned p) { return *(const T *)p; };
    T value = read(here + i % 2 * 16);
    if (value != read(here + (i + 1) % 2 * 16) || value != read(there) || value != read(there + 16)) __kg_table_fault(COPIES, site, (const void *)here);
    r[i] = value;
  }
  return (__aie_v8)r;
}
#define GATHER(W, T) \
  extern "C" __attribute__((pure, nothrow)) __aie_v8 __aie_vgather_w##W(__aie_v16 a, int q, const void *ab, const void *cd, int site) { return gathered<T>(a, q, ab, cd, site); }
GATHER(16, unsigned short)
GATHER(32, unsigned)
GATHER(64, unsigned long long)

__AIE_OP const void *__aie_table(const void *table, int bytes, int known, int wrong, int site) {
  if (wrong) __kg_table_fault(wrong, site, table);
  if ((unsigned)table % 32) __kg_table_fault(MISALIGNED, site, table);
  if (known >= 0 && known < bytes) __kg_table_fault(SMALL, site, table);
  return table;
}
__AIE_OP const void *__aie_add_2d(const void *p, int step2, int steps, int count, int step1) { return (const char *)p + (count == steps ? step2 : step1); }
__AIE_OP int __aie_add_2d_count(int steps, int count) { return count == steps ? 0 : count + 1; }
