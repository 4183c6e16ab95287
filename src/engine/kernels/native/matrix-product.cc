/**
 * @file The matrix product, block by block.
 *
 * The canonical order (docs/numerics.md): for each output, sums over blocks of 256 consecutive k, each
 * from zero in order of k with a multiply and an add, joined one after the other. Every vector lane is
 * an output of its own, so eight or sixteen lanes give the bits of four.
 *
 * B is packed into panels two vectors wide. A is packed where its columns lie far apart and enough
 * columns of B meet them; otherwise tiles read it where it is.
 */
#include "matrix-product.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>

#include "packing.h"
#include "table.h"
#include "tiles.h"

namespace kernels {
namespace {

constexpr int64_t depth = 256;  // a block of k: as in the WebAssembly kernel, part of the bits
// Of the shapes of a GPT, 96 rows were 2 % faster than 192, 768 columns 1 % than 512 or 1024.
constexpr int64_t rowBlock = 96;
constexpr int64_t columnBlock = 768;
/** Columns of B up to which A is not worth packing. */
constexpr int64_t fewColumns = 64;
/**
 * Rows of C that are too many for the cache: they join two blocks of k one after the other. 107 for 101
 * GFLOP/s at 4096 x 1536 x 384; with 384 rows it was 2 % slower.
 */
constexpr int64_t manyRows = 1024;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<float, Free>;

Buffer allocate(int64_t floats) {
  return Buffer(static_cast<float*>(std::aligned_alloc(64, floats * sizeof(float))));
}

/** A tile of which not all columns are there: into a place of its own, then what is there. */
template <int lanes>
void multiplyPart(TileOperands operands, int64_t rows, int64_t columns) {
  alignas(64) float outside[tileRows<lanes> * tileColumns<lanes>];
  float* c = operands.c;
  const int64_t cRow = operands.cRow;
  const bool joins = operands.joins;
  operands.c = outside;
  operands.cRow = tileColumns<lanes>;
  operands.joins = false;
  tilesOf<lanes>[rows - 1][columns > lanes](operands);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) {
      const float sum = outside[i * tileColumns<lanes> + j];
      c[i * cRow + j] = joins ? c[i * cRow + j] + sum : sum;
    }
  }
}

/** Some rows of A, its panels so far apart, times all that is packed of B. */
template <int lanes>
void multiplyRows(TileOperands operands, int64_t aPanel, int64_t mc, int64_t nc) {
  const auto [k, a, aRow, aStep, b, c, cRow, joins] = operands;
  for (int64_t jr = 0; jr < nc; jr += tileColumns<lanes>) {
    const int64_t columns = std::min<int64_t>(tileColumns<lanes>, nc - jr);
    operands.a = a;
    operands.b = b + jr * k;
    operands.c = c + jr;
    for (int64_t ir = 0; ir < mc; ir += tileRows<lanes>) {
      const int64_t rows = std::min<int64_t>(tileRows<lanes>, mc - ir);
      if (columns == tileColumns<lanes> || columns == lanes) {
        tilesOf<lanes>[rows - 1][columns > lanes](operands);
      } else {
        multiplyPart<lanes>(operands, rows, columns);
      }
      operands.a += aPanel;
      operands.c += tileRows<lanes> * cRow;
    }
  }
}

template <int lanes>
void multiplyBlocks(const Product& p, const float* A, const float* B, float* C, bool accumulate) {
  constexpr int64_t height = tileRows<lanes>;
  constexpr int64_t width = tileColumns<lanes>;
  thread_local const Buffer packedA = allocate(rowBlock * depth);
  thread_local const Buffer packedB = allocate(2 * depth * columnBlock);
  const int64_t deep = p.M >= manyRows ? 2 * depth : depth;
  for (int64_t jc = 0; jc < p.N; jc += columnBlock) {
    const int64_t nc = std::min(columnBlock, p.N - jc);
    const int64_t packedColumns = (nc + width - 1) / width * width;
    const bool packsA = p.aColumn != 1 && nc > fewColumns;
    for (int64_t first = 0; first < p.K; first += deep) {
      const int64_t end = std::min(first + deep, p.K);
      pack<width>(packedB.get(), B + first * p.bRow + jc * p.bColumn, std::min(depth, end - first),
                  nc, p.bRow, p.bColumn);
      float* second = packedB.get() + depth * packedColumns;
      if (end > first + depth) {
        pack<width>(second, B + (first + depth) * p.bRow + jc * p.bColumn, end - first - depth, nc,
                    p.bRow, p.bColumn);
      }
      for (int64_t ic = 0; ic < p.M; ic += rowBlock) {
        const int64_t mc = std::min(rowBlock, p.M - ic);
        float* c = C + ic * p.cRow + jc;
        for (int64_t pc = first; pc < end; pc += depth) {
          const int64_t kc = std::min(depth, end - pc);
          const float* b = pc == first ? packedB.get() : second;
          const float* a = A + ic * p.aRow + pc * p.aColumn;
          const bool joins = accumulate || pc > 0;
          if (packsA) {
            pack<height>(packedA.get(), a, kc, mc, p.aColumn, p.aRow);
            multiplyRows<lanes>({kc, packedA.get(), 1, height, b, c, p.cRow, joins}, height * kc,
                                mc, nc);
          } else {
            multiplyRows<lanes>({kc, a, p.aRow, p.aColumn, b, c, p.cRow, joins}, height * p.aRow,
                                mc, nc);
          }
        }
      }
    }
  }
}

/** Seconds of the fastest of some rounds of a multiplication of full tiles. */
template <int lanes>
double secondsOf(const float* a, const float* b, float* c) {
  constexpr int64_t rows = 4 * tileRows<16>;
  double best = 1e9;
  for (int round = 0; round < 8; round++) {
    const auto start = std::chrono::steady_clock::now();
    multiplyBlocks<lanes>({rows, 32, depth, 1, rows, 32, 1, 32}, a, b, c, false);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    best = std::min(best, passed.count());
  }
  return best;
}

/** (c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate) */
void gemm(Call& call) {
  const Product p{call.size(3), call.size(4), call.size(5), call.size(6),
                  call.size(7), call.size(8), call.size(9), call.size(10)};
  const auto extent = [](int64_t rows, int64_t columns, int64_t row, int64_t column) {
    return (rows - 1) * row + (columns - 1) * column + 1;
  };
  if (p.M < 1 || p.N < 1 || p.K < 1) return;
  float* c = call.floats(0, extent(p.M, p.N, p.cRow, 1));
  const float* a = call.floats(1, extent(p.M, p.K, p.aRow, p.aColumn));
  const float* b = call.floats(2, extent(p.K, p.N, p.bRow, p.bColumn));
  const bool accumulate = call.flag(11);
  if (call.isGood()) multiply(call.lanes(), p, a, b, c, accumulate);
}

}  // namespace

void multiply(int lanes, const Product& product, const float* A, const float* B, float* C,
              bool accumulate) {
  if (lanes == 16) multiplyBlocks<16>(product, A, B, C, accumulate);
  else multiplyBlocks<8>(product, A, B, C, accumulate);
}

int chooseLanes() {
  if (!__builtin_cpu_supports("avx512f")) return 8;
  constexpr int64_t elements = depth * 64;
  const Buffer memory = allocate(3 * elements);
  std::fill_n(memory.get(), 3 * elements, 0.5f);
  const float* a = memory.get();
  const float* b = a + elements;
  float* c = memory.get() + 2 * elements;
  return secondsOf<16>(a, b, c) < secondsOf<8>(a, b, c) ? 16 : 8;
}

const Table matrixProductKernels = {{"gemm", 12, gemm}};

}  // namespace kernels
