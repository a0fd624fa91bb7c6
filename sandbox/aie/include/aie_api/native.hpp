// Native register types and the intrinsics that real kernels call on them.
#pragma once
#include "operators.hpp"

#define __AIE_NATIVE(NAME, T, N) typedef T NAME __attribute__((vector_size(sizeof(T) * N), aligned(sizeof(T) * N < 32 ? sizeof(T) * N : 32), may_alias));
__AIE_NATIVE(v16int8, int8_t, 16)
__AIE_NATIVE(v32int8, int8_t, 32)
__AIE_NATIVE(v64int8, int8_t, 64)
__AIE_NATIVE(v128int8, int8_t, 128)
__AIE_NATIVE(v16uint8, uint8_t, 16)
__AIE_NATIVE(v32uint8, uint8_t, 32)
__AIE_NATIVE(v64uint8, uint8_t, 64)
__AIE_NATIVE(v128uint8, uint8_t, 128)
__AIE_NATIVE(v8int16, int16_t, 8)
__AIE_NATIVE(v16int16, int16_t, 16)
__AIE_NATIVE(v32int16, int16_t, 32)
__AIE_NATIVE(v64int16, int16_t, 64)
__AIE_NATIVE(v8uint16, uint16_t, 8)
__AIE_NATIVE(v16uint16, uint16_t, 16)
__AIE_NATIVE(v32uint16, uint16_t, 32)
__AIE_NATIVE(v64uint16, uint16_t, 64)
__AIE_NATIVE(v4int32, int32_t, 4)
__AIE_NATIVE(v8int32, int32_t, 8)
__AIE_NATIVE(v16int32, int32_t, 16)
__AIE_NATIVE(v32int32, int32_t, 32)
__AIE_NATIVE(v4uint32, uint32_t, 4)
__AIE_NATIVE(v8uint32, uint32_t, 8)
__AIE_NATIVE(v16uint32, uint32_t, 16)
__AIE_NATIVE(v32uint32, uint32_t, 32)
__AIE_NATIVE(v8bfloat16, bfloat16, 8)
__AIE_NATIVE(v16bfloat16, bfloat16, 16)
__AIE_NATIVE(v32bfloat16, bfloat16, 32)
__AIE_NATIVE(v64bfloat16, bfloat16, 64)
__AIE_NATIVE(v4float, float, 4)
__AIE_NATIVE(v8float, float, 8)
__AIE_NATIVE(v16float, float, 16)
__AIE_NATIVE(v32float, float, 32)
__AIE_NATIVE(v8accfloat, float, 8)
__AIE_NATIVE(v16accfloat, float, 16)
__AIE_NATIVE(v32accfloat, float, 32)
__AIE_NATIVE(v16acc32, int32_t, 16)
__AIE_NATIVE(v32acc32, int32_t, 32)
__AIE_NATIVE(v8acc64, int64_t, 8)
__AIE_NATIVE(v16acc64, int64_t, 16)
#undef __AIE_NATIVE

inline void event0() { __aie_event(0); }
inline void event1() { __aie_event(1); }
inline void set_rnd(int mode) { ::aie::set_rounding((::aie::rounding_mode)mode); }
inline void set_sat() { ::aie::set_saturation(::aie::saturation_mode::saturate); }
inline void clr_sat() { ::aie::set_saturation(::aie::saturation_mode::none); }
inline int get_coreid() { return 0; }
inline unsigned long long get_cycles() { return 0; }

// accumulate products of 16 bfloat16 lanes (upper lanes are not read)
inline v16accfloat ups_to_v16accfloat(v16bfloat16 a) { return ::aie::accum<accfloat, 16>(::aie::vector<bfloat16, 16>(a)); }
inline v16bfloat16 to_v16bfloat16(v16accfloat a) { return ::aie::accum<accfloat, 16>(a).to_vector<bfloat16>(); }
inline v16accfloat mul_elem_16_2(v32bfloat16 a, v32bfloat16 b) {
  auto x = __builtin_bit_cast(__aie_v16, a), y = __builtin_bit_cast(__aie_v16, b);
  return __builtin_bit_cast(v16accfloat, __aie_vmul_bf16x2(x, y));
}
inline v16accfloat negmul_elem_16_2(v32bfloat16 a, v32bfloat16 b) {
  auto x = __builtin_bit_cast(__aie_v16, a), y = __builtin_bit_cast(__aie_v16, b);
  return __builtin_bit_cast(v16accfloat, __aie_vnegmul_bf16x2(x, y));
}
inline v16accfloat msc_elem_16_2(v32bfloat16 a, v32bfloat16 b, v16accfloat c) {
  auto x = __builtin_bit_cast(__aie_v16, a), y = __builtin_bit_cast(__aie_v16, b);
  return __builtin_bit_cast(v16accfloat, __aie_vmsc_bf16x2(__builtin_bit_cast(__aie_v16, c), x, y));
}
inline v16accfloat mac_elem_16_2(v32bfloat16 a, v32bfloat16 b, v16accfloat c) {
  auto x = __builtin_bit_cast(__aie_v16, a), y = __builtin_bit_cast(__aie_v16, b);
  return __builtin_bit_cast(v16accfloat, __aie_vmac_bf16x2(__builtin_bit_cast(__aie_v16, c), x, y));
}

// annotations of the Chess compiler, accepted and without effect
#define chess_prepare_for_pipelining
#define chess_no_prepare_for_pipelining
#define chess_require_pipelining(...)
#define chess_pipeline_initiation_interval(...)
#define chess_pipeline_non_leaf_loop_solution(...)
#define chess_pipeline_adjust_preamble(...)
#define chess_modulo_scheduling_budget_ratio(...)
#define chess_peel_pipelined_loop(...)
#define chess_loop_range(...)
#define chess_loop_count(...)
#define chess_unroll_loop(...)
#define chess_unroll_loop_preamble
#define chess_flatten_loop
#define chess_keep_sw_loop
#define chess_keep_sw_loop2
#define chess_no_hw_loop
#define chess_no_warn_pipelining
#define chess_no_warn_unroll
#define chess_storage(...)
#define chess_property(...)
#define __aie_dm_resource_a
#define __aie_dm_resource_b
#define __aie_dm_resource_c
#define __aie_dm_resource_d
#define chess_copy(x) (x)
#define chess_const(x) __builtin_constant_p(x)
#define chess_dont_chain(x) (x)
#define chess_assert(x) ((void)0)
#define chess_report(...)
#define chess_error(...)
#define chess_warning(...)
#define chess_extra_options(...)
#define chess_dont_care(...)
#define chess_separator()
#define chess_separator_scheduler(...)
#define chess_separator_scheduler_local()
#define chess_memory_fence()
#define chess_protect_access
#define chess_output
#define chess_manifest(x) (__builtin_constant_p(x) && (x) != 0)
#define chess_no_inline
