// The AIE API of the simulated AIE2 core.
#pragma once
#include <cmath>
#include <cstring>
#include <stdlib.h>

#include "native.hpp"
