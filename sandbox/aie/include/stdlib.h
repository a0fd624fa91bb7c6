#pragma once
#include <stddef.h>
extern "C" {
int abs(int) __attribute__((const));
long labs(long) __attribute__((const));
}
namespace std {
using ::abs;
using ::labs;
}  // namespace std
