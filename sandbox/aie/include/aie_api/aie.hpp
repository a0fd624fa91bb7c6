// The AIE API of the simulated AIE2 core.
#pragma once
#include <algorithm>
#include <array>
#include <assert.h>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdlib.h>
#include <type_traits>
#include <utility>

#include "lookup.hpp"
