#pragma once
// <cmath> declares the global names with their overloads, as C++ [support.c.headers] asks of this.
#include <cmath>
