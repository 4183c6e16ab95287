/**
 * @file The matrix product in machine code, with the bits of the WebAssembly kernel.
 *
 * The canonical order (docs/numerics.md): for each output, sums over blocks of 256 consecutive k, each
 * from zero in order of k with a multiply and an add, joined one after the other. Every vector lane is
 * an output of its own, so eight or sixteen lanes give the bits of four. The compiler must not fuse:
 * the target has no FMA, and contraction is off.
 *
 * AVX2 is required. AVX-512 is taken where it is there and measures faster: 116 against 90 GFLOP/s for
 * a tile on an Intel Xeon of 2023, no faster on Zen 4, which computes it in halves.
 *
 * Built by scripts/build-kernels.mjs where there is a C++ compiler; Node-API alone, no other library.
 */
#include <immintrin.h>
#include <node_api.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

constexpr int64_t kBlock = 256;    // of k: the same as the WebAssembly kernel's, part of the bits
constexpr int64_t columnBlock = 1024;
constexpr int64_t tileRows = 6;    // and two vectors of columns: twelve sums, three registers beside
constexpr int64_t rowBlock = 32 * tileRows;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};
using Buffer = std::unique_ptr<float, Free>;

Buffer allocate(int64_t floats) {
  return Buffer(static_cast<float*>(std::aligned_alloc(64, floats * sizeof(float))));
}

/** C (M, N) = A (M, K) B (K, N); distances of rows and columns in elements. */
struct Product {
  int64_t M, N, K, aRow, aColumn, bRow, bColumn, cRow;
};

template <int lanes>
struct Vector {
  typedef float type __attribute__((vector_size(lanes * sizeof(float))));
  typedef float anywhere __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));
};

/** Some rows of packed A times one or two vectors of packed B, whose panels are two vectors wide. */
template <int lanes, int rows, int vectors>
inline __attribute__((always_inline)) void multiplyInRegisters(int64_t k, const float* a,
                                                               const float* b, float* c,
                                                               int64_t cRow, bool joins) {
  using Lanes = typename Vector<lanes>::type;
  using Anywhere = typename Vector<lanes>::anywhere;
  Lanes sums[rows][vectors];
#pragma GCC unroll 6
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) sums[i][j] = Lanes{};
  }
  for (; k > 0; k--) {
    const Anywhere* columns = reinterpret_cast<const Anywhere*>(b);
    const Lanes low = columns[0];
    const Lanes high = columns[vectors - 1];
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++) {
      sums[i][0] = sums[i][0] + a[i] * low;
      if (vectors == 2) sums[i][vectors - 1] = sums[i][vectors - 1] + a[i] * high;
    }
    a += tileRows;
    b += 2 * lanes;
  }
#pragma GCC unroll 6
  for (int i = 0; i < rows; i++) {
    Anywhere* row = reinterpret_cast<Anywhere*>(c + i * cRow);
#pragma GCC unroll 2
    for (int j = 0; j < vectors; j++) row[j] = joins ? row[j] + sums[i][j] : sums[i][j];
  }
}

using Tile = void (*)(int64_t k, const float* a, const float* b, float* c, int64_t cRow, bool joins);

template <int rows, int vectors>
void tileOf8(int64_t k, const float* a, const float* b, float* c, int64_t cRow, bool joins) {
  multiplyInRegisters<8, rows, vectors>(k, a, b, c, cRow, joins);
}

template <int rows, int vectors>
__attribute__((target("avx512f"))) void tileOf16(int64_t k, const float* a, const float* b,
                                                 float* c, int64_t cRow, bool joins) {
  multiplyInRegisters<16, rows, vectors>(k, a, b, c, cRow, joins);
}

/** By rows and vectors, both less one. */
using Tiles = std::array<std::array<Tile, 2>, tileRows>;

template <int lanes, int rows>
constexpr std::array<Tile, 2> tilesOfRows() {
  if constexpr (lanes == 16) return {tileOf16<rows, 1>, tileOf16<rows, 2>};
  return {tileOf8<rows, 1>, tileOf8<rows, 2>};
}

template <int lanes>
constexpr Tiles tilesOf = {tilesOfRows<lanes, 1>(), tilesOfRows<lanes, 2>(),
                           tilesOfRows<lanes, 3>(), tilesOfRows<lanes, 4>(),
                           tilesOfRows<lanes, 5>(), tilesOfRows<lanes, 6>()};

/** Eight columns of `count` rows into eight rows; what a row holds beyond `count` is of no use. */
template <int count>
void transpose(const float* from, int64_t fromRow, float* to, int64_t toRow) {
  __m256 r[8], t[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(from + std::min(i, count - 1) * fromRow);
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; i++) {
    r[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
    r[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xee);
    r[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
    r[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(to + i * toRow, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(to + (i + 4) * toRow, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

/** Panels `width` wide, k by k; what lies beyond `count` is zero. `along` is the distance in k. */
template <int64_t width>
void pack(float* to, const float* from, int64_t k, int64_t count, int64_t along, int64_t across) {
  for (int64_t start = 0; start < count; start += width, from += width * across) {
    const int64_t present = std::min(width, count - start);
    int64_t i = 0;
    if (present == width && across == 1) {
      for (; i < k; i++) std::memcpy(to + i * width, from + i * along, width * sizeof(float));
    } else if (present == width && along == 1) {
      // A narrow panel's rows are stored in order, each over what the one before had beyond its own.
      constexpr int rows = width < 8 ? width : 8;
      for (; i + 8 <= k; i += 8) {
        for (int64_t part = 0; part < width; part += rows) {
          transpose<rows>(from + part * across + i, across, to + i * width + part, width);
        }
      }
    }
    for (; i < k; i++) {
      for (int64_t j = 0; j < width; j++) {
        to[i * width + j] = j < present ? from[i * along + j * across] : 0.0f;
      }
    }
    to += width * k;
  }
}

template <int lanes>
void multiply(const Product& p, const float* A, const float* B, float* C, bool accumulate) {
  thread_local const Buffer packedA = allocate(rowBlock * kBlock + 16);  // and what a last row stores beyond its own
  thread_local const Buffer packedB = allocate(kBlock * columnBlock);
  constexpr int64_t tileColumns = 2 * lanes;
  alignas(64) float outside[tileRows * tileColumns];

  for (int64_t jc = 0; jc < p.N; jc += columnBlock) {
    const int64_t nc = std::min(columnBlock, p.N - jc);
    for (int64_t pc = 0; pc < p.K; pc += kBlock) {
      const int64_t kc = std::min(kBlock, p.K - pc);
      const bool joins = accumulate || pc > 0;
      pack<tileColumns>(packedB.get(), B + pc * p.bRow + jc * p.bColumn, kc, nc, p.bRow, p.bColumn);
      for (int64_t ic = 0; ic < p.M; ic += rowBlock) {
        const int64_t mc = std::min(rowBlock, p.M - ic);
        pack<tileRows>(packedA.get(), A + ic * p.aRow + pc * p.aColumn, kc, mc, p.aColumn, p.aRow);
        for (int64_t jr = 0; jr < nc; jr += tileColumns) {
          for (int64_t ir = 0; ir < mc; ir += tileRows) {
            const float* a = packedA.get() + ir * kc;
            const float* b = packedB.get() + jr * kc;
            float* c = C + (ic + ir) * p.cRow + jc + jr;
            const int64_t rows = std::min(tileRows, mc - ir);
            const int64_t columns = std::min(tileColumns, nc - jr);
            const int64_t vectors = columns > lanes ? 2 : 1;
            const Tile tile = tilesOf<lanes>[rows - 1][vectors - 1];
            if (columns == vectors * lanes) {
              tile(kc, a, b, c, p.cRow, joins);
              continue;
            }
            tile(kc, a, b, outside, tileColumns, false);
            for (int64_t i = 0; i < rows; i++) {
              for (int64_t j = 0; j < columns; j++) {
                const float sum = outside[i * tileColumns + j];
                c[i * p.cRow + j] = joins ? c[i * p.cRow + j] + sum : sum;
              }
            }
          }
        }
      }
    }
  }
}

/** Seconds of the fastest of some rounds of full tiles. */
template <int lanes>
double secondsOf(const float* a, const float* b, float* c) {
  double best = 1e9;
  for (int round = 0; round < 8; round++) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 16; i++) tilesOf<lanes>[tileRows - 1][1](kBlock, a, b, c, 2 * lanes, false);
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    best = std::min(best, passed.count());
  }
  return best;
}

using Multiply = void (*)(const Product&, const float*, const float*, float*, bool);

/** Both ways have the same bits: which one is taken is a matter of speed alone. Half a millisecond. */
Multiply chooseMultiply() {
  if (!__builtin_cpu_supports("avx512f")) return multiply<8>;
  const Buffer memory = allocate(kBlock * 64);
  std::fill_n(memory.get(), kBlock * 64, 0.5f);
  const float* a = memory.get();
  const float* b = a + kBlock * 8;
  float* c = memory.get() + kBlock * 48;
  return secondsOf<16>(a, b, c) < 2 * secondsOf<8>(a, b, c) ? multiply<16> : multiply<8>;
}

/** A job's memory, for as long as the function that works on it lives. */
struct Memory {
  char* base;
  size_t bytes;
  Multiply multiply;
};

/** Whether a matrix lies inside the memory: what WebAssembly checks at each access. */
bool contains(const Memory& memory, int64_t offset, int64_t rows, int64_t columns, int64_t row,
              int64_t column) {
  const int64_t last = (rows - 1) * row + (columns - 1) * column;
  return offset >= 0 && offset % 4 == 0 && row >= 0 && column >= 0 &&
         offset + (last + 1) * 4 <= static_cast<int64_t>(memory.bytes);
}

/** (c, a, b, M, N, K, aRow, aColumn, bRow, bColumn, cRow, accumulate), as the WebAssembly kernel. */
napi_value product(napi_env env, napi_callback_info info) {
  size_t count = 12;
  napi_value arguments[12];
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  const Memory& memory = *static_cast<Memory*>(data);

  int64_t v[11];
  bool isRead = count == 12;
  for (int i = 0; i < 11 && isRead; i++) {
    isRead = napi_get_value_int64(env, arguments[i], &v[i]) == napi_ok;
  }
  bool accumulate = false;
  isRead = isRead && napi_get_value_bool(env, arguments[11], &accumulate) == napi_ok;
  const Product p{v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10]};
  if (!isRead || p.M < 1 || p.N < 1 || p.K < 1 ||
      !contains(memory, v[0], p.M, p.N, p.cRow, 1) ||
      !contains(memory, v[1], p.M, p.K, p.aRow, p.aColumn) ||
      !contains(memory, v[2], p.K, p.N, p.bRow, p.bColumn)) {
    napi_throw_range_error(env, nullptr, "matrix product: a matrix lies outside the memory.");
    return nullptr;
  }
  const auto at = [&](int64_t offset) { return reinterpret_cast<float*>(memory.base + offset); };
  memory.multiply(p, at(v[1]), at(v[2]), at(v[0]), accumulate);
  return nullptr;
}

void forget(napi_env, void* data, void*) { delete static_cast<Memory*>(data); }

/**
 * bind(bytes: Uint8Array): the product on that memory, which the caller keeps alive. For tests,
 * bind(bytes, 8) takes AVX2 in any case.
 */
napi_value bind(napi_env env, napi_callback_info info) {
  static const Multiply fastest = chooseMultiply();
  size_t count = 2;
  napi_value given[2];
  napi_get_cb_info(env, info, &count, given, nullptr, nullptr);
  int32_t lanes = 0;
  if (count == 2) napi_get_value_int32(env, given[1], &lanes);
  void* base = nullptr;
  size_t bytes = 0;
  if (count < 1 || napi_get_typedarray_info(env, given[0], nullptr, &bytes, &base, nullptr,
                                            nullptr) != napi_ok) {
    napi_throw_type_error(env, nullptr, "bind: expected a Uint8Array.");
    return nullptr;
  }
  auto* memory = new Memory{static_cast<char*>(base), bytes, lanes == 8 ? multiply<8> : fastest};
  napi_value function;
  napi_create_function(env, "matrixProduct", NAPI_AUTO_LENGTH, product, memory, &function);
  napi_add_finalizer(env, function, memory, forget, nullptr, nullptr);
  return function;
}

}  // namespace

NAPI_MODULE_INIT() {
  __builtin_cpu_init();
  napi_value isSupported, function;
  napi_get_boolean(env, __builtin_cpu_supports("avx2"), &isSupported);
  napi_set_named_property(env, exports, "isSupported", isSupported);
  napi_create_function(env, "bind", NAPI_AUTO_LENGTH, bind, nullptr, &function);
  napi_set_named_property(env, exports, "bind", function);
  return exports;
}
