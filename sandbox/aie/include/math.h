#pragma once
// The C names, with the overloads of <cmath> as C++ [support.c.headers] asks.
#include <cmath>
#define __AIE_USE(F) using std::F;
#define __AIE_USE_TO(R, F) using std::F;
__AIE_ALL_1(__AIE_USE)
__AIE_ALL_2(__AIE_USE)
__AIE_ALL_TO(__AIE_USE_TO)
using std::abs; using std::fma; using std::frexp; using std::ldexp; using std::modf;
using std::remquo; using std::scalbln; using std::scalbn;
#undef __AIE_USE
#undef __AIE_USE_TO
