/** @file The kernels that there are: each file of them has its part of the table. */
#pragma once

#include <vector>

#include "call.h"

namespace kernels {

using Table = std::vector<Kernel>;

extern const Table matrixProductKernels;

}  // namespace kernels
