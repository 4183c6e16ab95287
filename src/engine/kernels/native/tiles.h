/**
 * @file The innermost loop of the matrix product: some rows of A times one or two vectors of columns of
 * B, whose sums stay in registers. Every lane is an output of its own, summed in order of k.
 */
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "lanes.h"

namespace kernels {

/** Two vectors of columns and so many rows: with 16 lanes 24 sums in 32 registers, with 8 12 in 16. */
template <int lanes>
constexpr int tileRows = lanes == 16 ? 12 : 6;

template <int lanes>
constexpr int tileColumns = 2 * lanes;

/** Elements of A lie aRow and aStep apart, rows and in k; B is packed, two vectors for each k. */
struct TileOperands {
  int64_t k;
  const float* a;
  int64_t aRow, aStep;
  const float* b;
  float* c;
  int64_t cRow;
  bool joins;  // adds to C, where it does not assign
};

/** The sums of a tile, and where it reads. */
template <int lanes, int rows, int vectors>
struct TileSums {
  typename Vector<lanes>::type sums[rows][vectors];
  // Three rows from one pointer, as addresses allow it: [a], [a + row], [a + 2 row].
  const float* a[(rows + 2) / 3];
  const float* b;
};

/** Adds what one k brings. */
template <int lanes, int rows, int vectors>
ALWAYS_INLINE void step(TileSums<lanes, rows, vectors>& s, int64_t aRow, int64_t aStep) {
  using Lanes = typename Vector<lanes>::type;
  const Lanes low = load<lanes>(s.b);
  const Lanes high = load<lanes>(s.b + (vectors - 1) * lanes);
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
    const float x = s.a[i / 3][i % 3 * aRow];
    s.sums[i][0] = s.sums[i][0] + x * low;
    if (vectors == 2) s.sums[i][vectors - 1] = s.sums[i][vectors - 1] + x * high;
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; i += 3) s.a[i / 3] += aStep;
  s.b += tileColumns<lanes>;
}

template <int lanes, int rows, int vectors>
ALWAYS_INLINE void multiplyTile(const TileOperands& o) {
  using Lanes = typename Vector<lanes>::type;
  TileSums<lanes, rows, vectors> s;
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) s.sums[i][j] = Lanes{};
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; i += 3) s.a[i / 3] = o.a + i * o.aRow;
  s.b = o.b;
  const int64_t aRow = o.aRow;
  const int64_t aStep = o.aStep;
  int64_t k = o.k;
  // Outputs are fetched row by row, so that they are in the cache at the end and nothing waits now.
  const float* row = o.c;
  for (int64_t fetched = 0; fetched < rows && k > 0; fetched++, k--) {
    __builtin_prefetch(row);
    if (vectors * lanes > 16) __builtin_prefetch(row + 16);
    row += o.cRow;
    step<lanes, rows, vectors>(s, aRow, aStep);
  }
  for (; k > 0; k--) step<lanes, rows, vectors>(s, aRow, aStep);
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) {
      float* to = o.c + i * o.cRow + j * lanes;
      store<lanes>(to, o.joins ? load<lanes>(to) + s.sums[i][j] : s.sums[i][j]);
    }
  }
}

using Tile = void (*)(const TileOperands&);

template <int rows, int vectors>
void tileOf8(const TileOperands& operands) {
  multiplyTile<8, rows, vectors>(operands);
}

template <int rows, int vectors>
AVX512 void tileOf16(const TileOperands& operands) {
  multiplyTile<16, rows, vectors>(operands);
}

/** By rows and vectors, both less one. */
template <int lanes>
using Tiles = std::array<std::array<Tile, 2>, tileRows<lanes>>;

template <int lanes, int... rows>
constexpr Tiles<lanes> tilesOfRows(std::integer_sequence<int, rows...>) {
  if constexpr (lanes == 16) return {{{{tileOf16<rows + 1, 1>, tileOf16<rows + 1, 2>}}...}};
  else return {{{{tileOf8<rows + 1, 1>, tileOf8<rows + 1, 2>}}...}};
}

template <int lanes>
constexpr Tiles<lanes> tilesOf =
    tilesOfRows<lanes>(std::make_integer_sequence<int, tileRows<lanes>>{});

}  // namespace kernels
