#pragma once
#include "aie.hpp"
