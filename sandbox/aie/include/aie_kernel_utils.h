// Loop annotations as kernels write them; here they speak to clang.
#pragma once
#define AIE_PRAGMA_(text) _Pragma(#text)
#define AIE_LOOP_UNROLL(n) AIE_PRAGMA_(clang loop unroll_count(n))
#define AIE_LOOP_UNROLL_FULL AIE_PRAGMA_(clang loop unroll(full))
#define AIE_LOOP_NO_UNROLL AIE_PRAGMA_(clang loop unroll(disable))
#define AIE_LOOP_MIN_ITERATION_COUNT(n)
#define AIE_LOOP_MAX_ITERATION_COUNT(n)
#define AIE_LOOP_RANGE(...)
#define AIE_LOOP_FLATTEN
#define AIE_PREPARE_FOR_PIPELINING
#define AIE_PREPARE_FOR_POSTPIPELINING
#define AIE_NO_PREPARE_FOR_PIPELINING
#define AIE_MODULO_SCHEDULING_BUDGET_RATIO(n)
#define AIE_KEEP_SW_LOOP
#define AIE_TRY_INITIATION_INTERVAL(n)
#define AIE_PEEL_PIPELINED_LOOP(n)
#define AIE_KEEP_FREE_FOR_PIPELINING(...)
