/**
 * @file The matrix product in machine code, with the bits of the WebAssembly kernel.
 *
 * The canonical order (docs/numerics.md): for each output, sums over blocks of 256 consecutive k, each
 * from zero in order of k with a multiply and an add, joined one after the other. Every vector lane is
 * an output of its own, so eight or sixteen lanes give the bits of four. The compiler must not fuse: the target
 * has no FMA, and contraction is off.
 *
 * Built by scripts/build-native.mjs where there is a C++ compiler; Node-API alone, no other library.
 */
#include <immintrin.h>
#include <node_api.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace {

constexpr int64_t kBlock = 256;  // of k: the same as the WebAssembly kernel's, part of the bits
constexpr int64_t columnBlock = 1024;

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

/** Outputs that stay in registers while k goes by: a part of packed A times a part of packed B. */
struct Tile256 {
  static constexpr int64_t rows = 6;
  static constexpr int64_t columns = 16;

  static void multiply(int64_t k, const float* a, const float* b, float* c, int64_t cRow,
                       bool joins) {
    __m256 sums[rows][2];
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = _mm256_setzero_ps();
    for (; k > 0; k--) {
      const __m256 low = _mm256_load_ps(b);
      const __m256 high = _mm256_load_ps(b + 8);
#pragma GCC unroll 6
      for (int i = 0; i < rows; i++) {
        const __m256 x = _mm256_broadcast_ss(a + i);
        sums[i][0] = _mm256_add_ps(sums[i][0], _mm256_mul_ps(x, low));
        sums[i][1] = _mm256_add_ps(sums[i][1], _mm256_mul_ps(x, high));
      }
      a += rows;
      b += columns;
    }
#pragma GCC unroll 6
    for (int i = 0; i < rows; i++) {
      float* row = c + i * cRow;
      if (joins) {
        sums[i][0] = _mm256_add_ps(_mm256_loadu_ps(row), sums[i][0]);
        sums[i][1] = _mm256_add_ps(_mm256_loadu_ps(row + 8), sums[i][1]);
      }
      _mm256_storeu_ps(row, sums[i][0]);
      _mm256_storeu_ps(row + 8, sums[i][1]);
    }
  }
};

/** The same with sixteen lanes, for processors whose units are that wide. */
struct Tile512 {
  static constexpr int64_t rows = 12;
  static constexpr int64_t columns = 32;

  __attribute__((target("avx512f"))) static void multiply(int64_t k, const float* a,
                                                          const float* b, float* c, int64_t cRow,
                                                          bool joins) {
    __m512 sums[rows][2];
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++) sums[i][0] = sums[i][1] = _mm512_setzero_ps();
    for (; k > 0; k--) {
      const __m512 low = _mm512_load_ps(b);
      const __m512 high = _mm512_load_ps(b + 16);
#pragma GCC unroll 12
      for (int i = 0; i < rows; i++) {
        const __m512 x = _mm512_set1_ps(a[i]);
        sums[i][0] = _mm512_add_ps(sums[i][0], _mm512_mul_ps(x, low));
        sums[i][1] = _mm512_add_ps(sums[i][1], _mm512_mul_ps(x, high));
      }
      a += rows;
      b += columns;
    }
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++) {
      float* row = c + i * cRow;
      if (joins) {
        sums[i][0] = _mm512_add_ps(_mm512_loadu_ps(row), sums[i][0]);
        sums[i][1] = _mm512_add_ps(_mm512_loadu_ps(row + 16), sums[i][1]);
      }
      _mm512_storeu_ps(row, sums[i][0]);
      _mm512_storeu_ps(row + 16, sums[i][1]);
    }
  }
};

void transpose8x8(const float* from, int64_t fromRow, float* to, int64_t toRow) {
  __m256 r[8], t[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(from + i * fromRow);
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
    _mm256_storeu_ps(to + (i + 4) * toRow, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

void transpose4x4(const float* from, int64_t fromRow, float* to, int64_t toRow) {
  __m128 r0 = _mm_loadu_ps(from), r1 = _mm_loadu_ps(from + fromRow);
  __m128 r2 = _mm_loadu_ps(from + 2 * fromRow), r3 = _mm_loadu_ps(from + 3 * fromRow);
  _MM_TRANSPOSE4_PS(r0, r1, r2, r3);
  _mm_storeu_ps(to, r0);
  _mm_storeu_ps(to + toRow, r1);
  _mm_storeu_ps(to + 2 * toRow, r2);
  _mm_storeu_ps(to + 3 * toRow, r3);
}

/** Panels `width` wide, k by k; what lies beyond `count` is zero. `along` is the distance in k. */
template <int64_t width>
void pack(float* to, const float* from, int64_t k, int64_t count, int64_t along, int64_t across) {
  for (int64_t start = 0; start < count; start += width, from += width * across) {
    const int64_t present = std::min(width, count - start);
    int64_t i = 0;     // rows of the panel that are whole
    int64_t whole = 0; // columns that are, of those that follow
    if (present == width && across == 1) {
      for (; i < k; i++) std::memcpy(to + i * width, from + i * along, width * sizeof(float));
    } else if (present == width && along == 1) {
      constexpr int64_t step = width % 8 == 0 ? 8 : 4;
      whole = width / step * step;
      for (; i + step <= k; i += step) {
        for (int64_t j = 0; j < whole; j += step) {
          const float* block = from + j * across + i;
          if (step == 8) transpose8x8(block, across, to + i * width + j, width);
          else transpose4x4(block, across, to + i * width + j, width);
        }
      }
      for (int64_t row = 0; row < i; row++) {
        for (int64_t j = whole; j < width; j++) to[row * width + j] = from[row + j * across];
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

template <class Tile>
void multiply(const Product& p, const float* A, const float* B, float* C, bool accumulate) {
  constexpr int64_t rowBlock = 192 / Tile::rows * Tile::rows;
  thread_local const Buffer packedA = allocate(rowBlock * kBlock);
  thread_local const Buffer packedB = allocate(kBlock * columnBlock);
  alignas(64) float tile[Tile::rows * Tile::columns];

  for (int64_t jc = 0; jc < p.N; jc += columnBlock) {
    const int64_t nc = std::min(columnBlock, p.N - jc);
    for (int64_t pc = 0; pc < p.K; pc += kBlock) {
      const int64_t kc = std::min(kBlock, p.K - pc);
      const bool joins = accumulate || pc > 0;
      const float* b = B + pc * p.bRow + jc * p.bColumn;
      pack<Tile::columns>(packedB.get(), b, kc, nc, p.bRow, p.bColumn);
      for (int64_t ic = 0; ic < p.M; ic += rowBlock) {
        const int64_t mc = std::min(rowBlock, p.M - ic);
        const float* a = A + ic * p.aRow + pc * p.aColumn;
        pack<Tile::rows>(packedA.get(), a, kc, mc, p.aColumn, p.aRow);
        for (int64_t jr = 0; jr < nc; jr += Tile::columns) {
          for (int64_t ir = 0; ir < mc; ir += Tile::rows) {
            const float* panelA = packedA.get() + ir * kc;
            const float* panelB = packedB.get() + jr * kc;
            float* c = C + (ic + ir) * p.cRow + jc + jr;
            const int64_t rows = std::min(Tile::rows, mc - ir);
            const int64_t columns = std::min(Tile::columns, nc - jr);
            if (rows == Tile::rows && columns == Tile::columns) {
              Tile::multiply(kc, panelA, panelB, c, p.cRow, joins);
              continue;
            }
            Tile::multiply(kc, panelA, panelB, tile, Tile::columns, false);
            for (int64_t i = 0; i < rows; i++) {
              for (int64_t j = 0; j < columns; j++) {
                const float sum = tile[i * Tile::columns + j];
                c[i * p.cRow + j] = joins ? c[i * p.cRow + j] + sum : sum;
              }
            }
          }
        }
      }
    }
  }
}

/** AMD's first AVX-512 units take two turns for sixteen lanes: there eight are faster. */
bool prefers512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_is("intel"); }

/** A job's memory, for as long as the function that works on it lives. */
struct Memory {
  char* base;
  size_t bytes;
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
  static const bool isWide = prefers512();
  (isWide ? multiply<Tile512> : multiply<Tile256>)(p, at(v[1]), at(v[2]), at(v[0]), accumulate);
  return nullptr;
}

void forget(napi_env, void* data, void*) { delete static_cast<Memory*>(data); }

/** bind(bytes: Uint8Array): the product on that memory, which the caller keeps alive. */
napi_value bind(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value view;
  napi_get_cb_info(env, info, &count, &view, nullptr, nullptr);
  void* base = nullptr;
  size_t bytes = 0;
  if (count != 1 || napi_get_typedarray_info(env, view, nullptr, &bytes, &base, nullptr, nullptr) !=
                        napi_ok) {
    napi_throw_type_error(env, nullptr, "bind: expected a Uint8Array.");
    return nullptr;
  }
  auto* memory = new Memory{static_cast<char*>(base), bytes};
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
