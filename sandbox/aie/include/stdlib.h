#pragma once
#include <stddef.h>
extern "C" {
int abs(int) __attribute__((const, nothrow));
long labs(long) __attribute__((const, nothrow));
long long llabs(long long) __attribute__((const, nothrow));
}
typedef struct { int quot, rem; } div_t;
inline div_t div(int a, int b) { return {a / b, a % b}; }
namespace std {
using ::abs; using ::div; using ::div_t; using ::labs; using ::llabs; using ::size_t;
inline long abs(long x) { return ::labs(x); }
inline long long abs(long long x) { return ::llabs(x); }
}  // namespace std
