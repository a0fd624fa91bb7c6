#pragma once
inline void __aie_assert_failed() { __builtin_trap(); }
#ifdef NDEBUG
#define assert(c) ((void)0)
#else
#define assert(c) ((c) ? (void)0 : __aie_assert_failed())
#endif
