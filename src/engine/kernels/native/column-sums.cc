/** @file Sums over rows, column by column: gradients of biases and positions. */
#include <algorithm>

#include "lanes.h"
#include "table.h"

namespace kernels {
namespace {

/** The rows of a block whose sums are joined as one: part of the bits. */
constexpr int64_t block = 256;

struct ColumnSums {
  /** Some vectors of columns of one block. */
  template <int lanes, int vectors>
  static ALWAYS_INLINE void addBlock(float* out, const float* x, int64_t rows, int64_t width) {
    Lanes<lanes> sums[vectors] = {};
    for (int64_t r = 0; r < rows; r++, x += width) {
#pragma GCC unroll 4
      for (int j = 0; j < vectors; j++) sums[j] = sums[j] + load<lanes>(x + j * lanes);
    }
#pragma GCC unroll 4
    for (int j = 0; j < vectors; j++) {
      store<lanes>(out + j * lanes, load<lanes>(out + j * lanes) + sums[j]);
    }
  }

  template <int lanes>
  static ALWAYS_INLINE void run(float* out, const float* x, int64_t rows, int64_t columns,
                                int64_t width) {
    for (int64_t start = 0; start < rows; start += block, x += block * width) {
      const int64_t count = std::min(block, rows - start);
      int64_t i = 0;
      for (; i + 4 * lanes <= columns; i += 4 * lanes) {
        addBlock<lanes, 4>(out + i, x + i, count, width);
      }
      for (; i + lanes <= columns; i += lanes) addBlock<lanes, 1>(out + i, x + i, count, width);
      for (; i < columns; i++) addBlock<1, 1>(out + i, x + i, count, width);
    }
  }
};

/** (out, x, rows, columns, width): out[i] += the sum over rows of x[r, i] */
void addColumnSums(Call& call) {
  const int64_t rows = call.size(2);
  const int64_t columns = call.size(3);
  const int64_t width = call.size(4);
  float* out = call.floats(0, columns);
  const float* x = call.floats(1, rows > 0 ? (rows - 1) * width + columns : 0);
  if (call.isGood()) run<ColumnSums>(call.lanes(), out, x, rows, columns, width);
}

}  // namespace

const Table columnSumKernels = {{"addColumnSums", 5, addColumnSums}};

}  // namespace kernels
