/** @file The matrix product in machine code, with the bits of the WebAssembly kernel. */
#pragma once

#include <cstdint>

namespace kernels {

/** C (M, N) = A (M, K) B (K, N); distances of rows and columns in elements. */
struct Product {
  int64_t M, N, K, aRow, aColumn, bRow, bColumn, cRow;
};

/** C = A B, or C += A B. */
void multiply(int lanes, const Product& product, const float* A, const float* B, float* C,
              bool accumulate);

/** Eight or sixteen, whichever is faster here: both have the same bits. Half a millisecond. */
int chooseLanes();

}  // namespace kernels
