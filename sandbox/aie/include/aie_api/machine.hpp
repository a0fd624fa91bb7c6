// Machine operations of the simulated core, as functions of 512-bit registers.
//
// One function here is one line of the cost table (sandbox/aie/aie2.toml); its meaning is in
// sandbox/aie/ops. Everything is a constant function of its arguments, so that the compiler may
// move, merge and drop it as it would the instruction. Modes are passed as arguments: a function
// that read a mode register would not be constant.
#pragma once

typedef int __aie_v16 __attribute__((vector_size(64)));   // one 512-bit register
typedef int __aie_v32 __attribute__((vector_size(128)));  // one 1024-bit accumulator, as a result
typedef int __aie_v8 __attribute__((vector_size(32)));
typedef int __aie_v4 __attribute__((vector_size(16)));
typedef unsigned long long __aie_mask;  // bit i: lane i

#define __AIE_OP extern "C" __attribute__((const, nothrow))

// even and odd lanes of a:b; first half then second half interleaved; of n lanes in each
#define __AIE_MOVES(W)                                                              \
  __AIE_OP __aie_v16 __aie_vshuffle_even_w##W(__aie_v16 a, __aie_v16 b, int lanes);  \
  __AIE_OP __aie_v16 __aie_vshuffle_odd_w##W(__aie_v16 a, __aie_v16 b, int lanes);   \
  __AIE_OP __aie_v16 __aie_vshuffle_ziplo_w##W(__aie_v16 a, __aie_v16 b, int lanes); \
  __AIE_OP __aie_v16 __aie_vshuffle_ziphi_w##W(__aie_v16 a, __aie_v16 b, int lanes);
__AIE_MOVES(64)
__AIE_MOVES(128)
// lanes of one width, whatever they mean
#define __AIE_WIDTH(W)                                                       \
  __AIE_OP __aie_v16 __aie_vbcst_w##W(int value);                            \
  __AIE_OP int __aie_vextract_w##W(__aie_v16 a, int lane);                   \
  __AIE_OP __aie_v16 __aie_vinsert_w##W(__aie_v16 a, int lane, int value);   \
  __AIE_OP __aie_v16 __aie_vsel_w##W(__aie_v16 a, __aie_v16 b, __aie_mask m); \
  __AIE_OP __aie_mask __aie_veq_w##W(__aie_v16 a, __aie_v16 b);              \
  __AIE_MOVES(W)                                                             \
  __AIE_OP __aie_v16 __aie_vshuffle_reverse_w##W(__aie_v16 a, int lanes);    \
  /* rows x columns matrix in a (and b, where it takes 1024 bits) */         \
  __AIE_OP __aie_v16 __aie_vshuffle_transpose_w##W(__aie_v16 a, __aie_v16 b, int rows, int columns, int half);
__AIE_WIDTH(8)
__AIE_WIDTH(16)
__AIE_WIDTH(32)
// bytes [n, n + 64) of a:b
__AIE_OP __aie_v16 __aie_vshift(__aie_v16 a, __aie_v16 b, int bytes);
// subregister moves: a quarter (128 bits) read or written; halves are free and need no operation
__AIE_OP __aie_v16 __aie_vget_q128(__aie_v16 a, int quarter);
__AIE_OP __aie_v16 __aie_vset_q128(__aie_v16 a, __aie_v16 b, int quarter);
__AIE_OP __aie_v16 __aie_vband(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vbor(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vbxor(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vbnot(__aie_v16 a);

// integers
#define __AIE_INTEGER(S)                                                  \
  __AIE_OP __aie_v16 __aie_vadd_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_v16 __aie_vsub_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_v16 __aie_vmax_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_v16 __aie_vmin_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_v16 __aie_vmaxdiff_##S(__aie_v16 a, __aie_v16 b);        \
  __AIE_OP __aie_v16 __aie_vabs_##S(__aie_v16 a);                         \
  __AIE_OP __aie_mask __aie_vlt_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_mask __aie_vge_##S(__aie_v16 a, __aie_v16 b);            \
  __AIE_OP __aie_v16 __aie_vshl_##S(__aie_v16 a, int shift);              \
  __AIE_OP __aie_v16 __aie_vlshr_##S(__aie_v16 a, int shift);             \
  __AIE_OP __aie_v16 __aie_vashr_##S(__aie_v16 a, int shift, int round);
__AIE_INTEGER(i8)
__AIE_INTEGER(u8)
__AIE_INTEGER(i16)
__AIE_INTEGER(u16)
__AIE_INTEGER(i32)
__AIE_INTEGER(u32)

// bfloat16 and float32 lanes
#define __AIE_FLOATING(S)                                          \
  __AIE_OP __aie_v16 __aie_vmax_##S(__aie_v16 a, __aie_v16 b);     \
  __AIE_OP __aie_v16 __aie_vmin_##S(__aie_v16 a, __aie_v16 b);     \
  __AIE_OP __aie_v16 __aie_vabs_##S(__aie_v16 a);                  \
  __AIE_OP __aie_v16 __aie_vneg_##S(__aie_v16 a);                  \
  __AIE_OP __aie_mask __aie_vlt_##S(__aie_v16 a, __aie_v16 b);     \
  __AIE_OP __aie_mask __aie_vge_##S(__aie_v16 a, __aie_v16 b);     \
  __AIE_OP __aie_mask __aie_veq_##S(__aie_v16 a, __aie_v16 b);
__AIE_FLOATING(bf16)
__AIE_FLOATING(f32)

// width changes within registers
__AIE_OP __aie_v16 __aie_vunpack_i16_i8(__aie_v16 a, int half);
__AIE_OP __aie_v16 __aie_vunpack_u16_u8(__aie_v16 a, int half);
__AIE_OP __aie_v16 __aie_vunpack_i32_i16(__aie_v16 a, int half);
__AIE_OP __aie_v16 __aie_vunpack_u32_u16(__aie_v16 a, int half);
__AIE_OP __aie_v16 __aie_vpack_w8_w16(__aie_v16 a, __aie_v16 b, int saturate, int is_signed);
__AIE_OP __aie_v16 __aie_vpack_w16_w32(__aie_v16 a, __aie_v16 b, int saturate, int is_signed);

// accumulators; `half` picks which half of a 512-bit operand is read
#define __AIE_MULTIPLY(S)                                                                         \
  __AIE_OP __aie_v32 __aie_vmul_##S(__aie_v16 a, __aie_v16 b, int half, int sa, int sb);           \
  __AIE_OP __aie_v32 __aie_vnegmul_##S(__aie_v16 a, __aie_v16 b, int half, int sa, int sb);        \
  __AIE_OP __aie_v32 __aie_vmac_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int half, \
                                    int sa, int sb);                                              \
  __AIE_OP __aie_v32 __aie_vmsc_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int half, \
                                    int sa, int sb);
__AIE_MULTIPLY(i8)       // 32 lanes to acc32
__AIE_MULTIPLY(i16)      // 32 lanes to acc32
__AIE_MULTIPLY(i16_a64)  // 16 lanes to acc64
__AIE_MULTIPLY(i32)      // 16 lanes to acc64
__AIE_MULTIPLY(i32xi16)  // 16 lanes of a, of 32 bits, and half of b, of 16 bits, to acc64
// of all 64 or 32 lanes of a and b, to half as many: lane i gains the products i and i + 32, or i + 16
#define __AIE_PAIRS(S)                                                                                       \
  __AIE_OP __aie_v32 __aie_vmul_##S(__aie_v16 a, __aie_v16 b, int sa, int sb);                                \
  __AIE_OP __aie_v32 __aie_vnegmul_##S(__aie_v16 a, __aie_v16 b, int sa, int sb);                             \
  __AIE_OP __aie_v32 __aie_vmac_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int sa, int sb);     \
  __AIE_OP __aie_v32 __aie_vmsc_##S(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b, int sa, int sb);
__AIE_PAIRS(i8x2)       // to acc32
__AIE_PAIRS(i16x2_a64)  // to acc64
__AIE_OP __aie_v16 __aie_vmul_bf16x2(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vnegmul_bf16x2(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmac_bf16x2(__aie_v16 acc, __aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmsc_bf16x2(__aie_v16 acc, __aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmul_bf16(__aie_v16 a, __aie_v16 b, int half);
__AIE_OP __aie_v16 __aie_vnegmul_bf16(__aie_v16 a, __aie_v16 b, int half);
__AIE_OP __aie_v16 __aie_vmac_bf16(__aie_v16 acc, __aie_v16 a, __aie_v16 b, int half);
__AIE_OP __aie_v16 __aie_vmsc_bf16(__aie_v16 acc, __aie_v16 a, __aie_v16 b, int half);
__AIE_OP __aie_v16 __aie_vmul_f32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vnegmul_f32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmac_f32(__aie_v16 acc, __aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmsc_f32(__aie_v16 acc, __aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccadd_a32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccsub_a32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccneg_a32(__aie_v16 a);
__AIE_OP __aie_v16 __aie_vaccadd_a64(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccsub_a64(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccneg_a64(__aie_v16 a);
__AIE_OP __aie_v16 __aie_vaccadd_f32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccsub_f32(__aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vaccneg_f32(__aie_v16 a);
__AIE_OP __aie_v16 __aie_vaccclr();

// matrix multiply: acc += A * B, A m x k, B k x n, row by row; operands and result of up to
// 1024 bits as halves
#define __AIE_MATRIX(NAME)                                                                      \
  __AIE_OP __aie_v32 __aie_vmmac_##NAME(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b,    \
                                        int sa, int sb);                                        \
  __AIE_OP __aie_v32 __aie_vmmul_##NAME(__aie_v16 a, __aie_v16 b, int sa, int sb);
__AIE_MATRIX(i8_4x8x8)
__AIE_MATRIX(i16xi8_4x4x8)
__AIE_MATRIX(i16_4x2x8)
__AIE_MATRIX(i16_4x4x4)
__AIE_MATRIX(i16xi8_4x8x4)
__AIE_MATRIX(i16xi8_2x8x8)
__AIE_MATRIX(i16_2x4x8)
__AIE_MATRIX(i32xi16_4x2x4)
__AIE_MATRIX(i32xi16_4x4x4)
__AIE_MATRIX(i32xi16_2x4x8)
__AIE_MATRIX(i16xi32_4x4x4)
__AIE_MATRIX(i32_4x2x4)
__AIE_OP __aie_v32 __aie_vmmac_i16xi32_2x4x8(__aie_v16 lo, __aie_v16 hi, __aie_v16 a, __aie_v16 b0, __aie_v16 b1, int sa, int sb);
__AIE_OP __aie_v32 __aie_vmmul_i16xi32_2x4x8(__aie_v16 a, __aie_v16 b0, __aie_v16 b1, int sa, int sb);
__AIE_OP __aie_v16 __aie_vmmac_f32_4x8x4(__aie_v16 acc, __aie_v16 a0, __aie_v16 a1, __aie_v16 b0, __aie_v16 b1);
__AIE_OP __aie_v16 __aie_vmmul_f32_4x8x4(__aie_v16 a0, __aie_v16 a1, __aie_v16 b0, __aie_v16 b1);
__AIE_OP __aie_v16 __aie_vmmac_bf16_4x8x4(__aie_v16 acc, __aie_v16 a, __aie_v16 b);
__AIE_OP __aie_v16 __aie_vmmul_bf16_4x8x4(__aie_v16 a, __aie_v16 b);

// convolution: lane l gains the sum over p of data[l + p] * coeff[p], of 8 points in 32 lanes or of 4 in 16
__AIE_OP __aie_v32 __aie_vconvolve_i8(__aie_v16 lo, __aie_v16 hi, __aie_v16 data, __aie_v16 coeff, int sd, int sc);
__AIE_OP __aie_v32 __aie_vconvolve_i16(__aie_v16 lo, __aie_v16 hi, __aie_v16 data, __aie_v16 coeff, int sd, int sc);
__AIE_OP __aie_v32 __aie_vconvolve_i16_a64(__aie_v16 lo, __aie_v16 hi, __aie_v16 data, __aie_v16 coeff, int sd, int sc);

// accumulator <-> vector
__AIE_OP __aie_v32 __aie_vups_a32_i8(__aie_v16 a, int half, int is_signed, int shift, int sat);
__AIE_OP __aie_v32 __aie_vups_a32_i16(__aie_v16 a, int is_signed, int shift, int sat);
__AIE_OP __aie_v16 __aie_vups_a32_i32(__aie_v16 a, int is_signed, int shift, int sat);
__AIE_OP __aie_v32 __aie_vups_a64_i16(__aie_v16 a, int half, int is_signed, int shift, int sat);
__AIE_OP __aie_v32 __aie_vups_a64_i32(__aie_v16 a, int is_signed, int shift, int sat);
#define __AIE_SRS(S)                                                                              \
  __AIE_OP __aie_v16 __aie_vsrs_##S##_a32(__aie_v16 lo, __aie_v16 hi, int shift, int rnd, int sat); \
  __AIE_OP __aie_v16 __aie_vsrs_##S##_a64(__aie_v16 lo, __aie_v16 hi, int shift, int rnd, int sat);
__AIE_SRS(i8)
__AIE_SRS(u8)
__AIE_SRS(i16)
__AIE_SRS(u16)
__AIE_SRS(i32)
__AIE_SRS(u32)
__AIE_OP __aie_v16 __aie_vconv_f32_bf16(__aie_v16 a, int half);
__AIE_OP __aie_v16 __aie_vconv_bf16_f32(__aie_v16 lo, __aie_v16 hi, int rnd);
__AIE_OP __aie_v16 __aie_vconv_f32_i32(__aie_v16 a, int is_signed, int shift);
__AIE_OP __aie_v16 __aie_vconv_i32_f32(__aie_v16 a, int is_signed, int shift);
__AIE_OP __aie_v16 __aie_vfloor_i32_bf16(__aie_v16 a, int half, int shift);
__AIE_OP int __aie_inv_f32(int bits);
__AIE_OP int __aie_invsqrt_f32(int bits);

// Lookup tables. Four 64-bit values from the addresses in lanes 4 q .. 4 q + 3, of which W bits are meant; the first two
// read the table at ab and the others that at cd, where each 128 bits are there twice. Memory is read: not constant, pure.
// `site` is for the tile: the place in the kernel, filled in when it is lowered.
#define __AIE_GATHER(W) extern "C" __attribute__((pure, nothrow)) __aie_v8 __aie_vgather_w##W(__aie_v16 addresses, int q, const void *ab, const void *cd, int site);
__AIE_GATHER(16)
__AIE_GATHER(32)
__AIE_GATHER(64)
// the table itself, of which `bytes` are to be read and `known` (or -1) are there; `wrong` is a fault found before
__AIE_OP const void *__aie_table(const void *table, int bytes, int known, int wrong, int site);
// the next address of a 2D pointer, and its counter: `steps` times step1 on, then step2
__AIE_OP const void *__aie_add_2d(const void *p, int step2, int steps, int count, int step1);
__AIE_OP int __aie_add_2d_count(int steps, int count);

extern "C" void __aie_mode_set(int rounding);
extern "C" void __aie_event(int which);
