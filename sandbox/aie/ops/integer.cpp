// Integer lanes: addition, comparison, selection, shifts, bits.
#include "aie_api/machine.hpp"
#include "lanes.hpp"

#define INTEGER(S, T, W)                                                                           \
  __AIE_OP __aie_v16 __aie_vadd_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](W x, W y) { return x + y; }); } \
  __AIE_OP __aie_v16 __aie_vsub_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](W x, W y) { return x - y; }); } \
  __AIE_OP __aie_v16 __aie_vmax_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](W x, W y) { return x < y ? y : x; }); } \
  __AIE_OP __aie_v16 __aie_vmin_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](W x, W y) { return y < x ? y : x; }); } \
  __AIE_OP __aie_v16 __aie_vmaxdiff_##S(__aie_v16 a, __aie_v16 b) { return map<T>(a, b, [](W x, W y) { return x > y ? x - y : 0; }); } \
  __AIE_OP __aie_v16 __aie_vabs_##S(__aie_v16 a) { return map<T>(a, a, [](W x, W) { return x < 0 ? -x : x; }); } \
  __AIE_OP __aie_mask __aie_vlt_##S(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](W x, W y) { return x < y; }); } \
  __AIE_OP __aie_mask __aie_vge_##S(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](W x, W y) { return x >= y; }); } \
  __AIE_OP __aie_v16 __aie_vshl_##S(__aie_v16 a, int n) { return map<T>(a, a, [n](W x, W) { return n > 31 ? 0 : (W)((unsigned long long)x << n); }); } \
  __AIE_OP __aie_v16 __aie_vlshr_##S(__aie_v16 a, int n) { return map<T>(a, a, [n](W x, W) { return n > 31 ? 0 : (W)(((unsigned long long)x & low_bits<T>) >> n); }); } \
  __AIE_OP __aie_v16 __aie_vashr_##S(__aie_v16 a, int n, int rnd) { return map<T>(a, a, [n, rnd](W x, W) { return rounded_shift(x, n, rnd); }); }
INTEGER(i8, signed char, long long)
INTEGER(u8, unsigned char, long long)
INTEGER(i16, short, long long)
INTEGER(u16, unsigned short, long long)
INTEGER(i32, int, long long)
INTEGER(u32, unsigned, long long)

#define WIDTH(W, T)                                                                                \
  __AIE_OP __aie_v16 __aie_vbcst_w##W(int x) { return fill<T>((T)x); }                              \
  __AIE_OP int __aie_vextract_w##W(__aie_v16 a, int i) { return as<T>(a)[i & (64 / (int)sizeof(T) - 1)]; } \
  __AIE_OP __aie_v16 __aie_vinsert_w##W(__aie_v16 a, int i, int x) { auto v = as<T>(a); v[i & (64 / (int)sizeof(T) - 1)] = (T)x; return (__aie_v16)v; } \
  __AIE_OP __aie_v16 __aie_vsel_w##W(__aie_v16 a, __aie_v16 b, __aie_mask m) {                      \
    auto x = as<T>(a), y = as<T>(b);                                                               \
    for (int i = 0; i < 64 / (int)sizeof(T); i++) x[i] = m >> i & 1 ? y[i] : x[i];                  \
    return (__aie_v16)x;                                                                           \
  }                                                                                                \
  __AIE_OP __aie_mask __aie_veq_w##W(__aie_v16 a, __aie_v16 b) { return test<T>(a, b, [](T x, T y) { return x == y; }); }
WIDTH(8, signed char)
WIDTH(16, short)
WIDTH(32, int)

__AIE_OP __aie_v16 __aie_vband(__aie_v16 a, __aie_v16 b) { return a & b; }
__AIE_OP __aie_v16 __aie_vbor(__aie_v16 a, __aie_v16 b) { return a | b; }
__AIE_OP __aie_v16 __aie_vbxor(__aie_v16 a, __aie_v16 b) { return a ^ b; }
__AIE_OP __aie_v16 __aie_vbnot(__aie_v16 a) { return ~a; }
