/** @file The kernels that there are: each file of them has its part of the table. */
#pragma once

#include <vector>

#include "call.h"

namespace kernels {

using Table = std::vector<Kernel>;

extern const Table matrixProductKernels;
extern const Table elementwiseKernels;
extern const Table columnSumKernels;
extern const Table geluKernels;
extern const Table normKernels;
extern const Table attentionKernels;
extern const Table lossKernels;
extern const Table optimizerKernels;

}  // namespace kernels
