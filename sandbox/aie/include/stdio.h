#pragma once
#include <stddef.h>
#define EOF (-1)
extern "C" {
#define __AIE_NO_OUTPUT __attribute__((unavailable("a kernel has no output but its buffers")))
int printf(const char *, ...) __AIE_NO_OUTPUT;
int puts(const char *) __AIE_NO_OUTPUT;
int putchar(int) __AIE_NO_OUTPUT;
#undef __AIE_NO_OUTPUT
}
