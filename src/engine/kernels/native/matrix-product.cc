/**
 * @file The matrix product in machine code, with the bits of the WebAssembly kernel.
 *
 * The canonical order (docs/numerics.md): for each output, sums over blocks of 256 consecutive k, each
 * from zero in order of k with a multiply and an add, joined one after the other. Every vector lane is
 * an output of its own, so eight lanes give the bits of four. The compiler must not fuse: the target
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

constexpr int64_t kBlock = 256;    // of k: the same as the WebAssembly kernel's, part of the bits
constexpr int64_t columnBlock = 1024;
constexpr int64_t tileRows = 6;
constexpr int64_t tileColumns = 16;
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

/** 6 rows of packed A times 16 columns of packed B, in twelve registers. */
void multiplyTile(int64_t k, const float* a, const float* b, float* c, int64_t cRow, bool joins) {
  __m256 sums[tileRows][2];
#pragma GCC unroll 6
  for (int i = 0; i < tileRows; i++) sums[i][0] = sums[i][1] = _mm256_setzero_ps();
  for (; k > 0; k--) {
    const __m256 low = _mm256_load_ps(b);
    const __m256 high = _mm256_load_ps(b + 8);
#pragma GCC unroll 6
    for (int i = 0; i < tileRows; i++) {
      const __m256 x = _mm256_broadcast_ss(a + i);
      sums[i][0] = _mm256_add_ps(sums[i][0], _mm256_mul_ps(x, low));
      sums[i][1] = _mm256_add_ps(sums[i][1], _mm256_mul_ps(x, high));
    }
    a += tileRows;
    b += tileColumns;
  }
#pragma GCC unroll 6
  for (int i = 0; i < tileRows; i++) {
    float* row = c + i * cRow;
    if (joins) {
      sums[i][0] = _mm256_add_ps(_mm256_loadu_ps(row), sums[i][0]);
      sums[i][1] = _mm256_add_ps(_mm256_loadu_ps(row + 8), sums[i][1]);
    }
    _mm256_storeu_ps(row, sums[i][0]);
    _mm256_storeu_ps(row + 8, sums[i][1]);
  }
}

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

/** Panels `width` wide, k by k; what lies beyond `count` is zero. `along` is the distance in k. */
template <int64_t width>
void pack(float* to, const float* from, int64_t k, int64_t count, int64_t along, int64_t across) {
  for (int64_t start = 0; start < count; start += width, from += width * across) {
    const int64_t present = std::min(width, count - start);
    int64_t i = 0;
    if (present == width && across == 1) {
      for (; i < k; i++) std::memcpy(to + i * width, from + i * along, width * sizeof(float));
    } else if (present == width && along == 1 && width % 8 == 0) {
      for (; i + 8 <= k; i += 8) {
        for (int64_t part = 0; part < width; part += 8) {
          transpose8x8(from + part * across + i, across, to + i * width + part, width);
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

void multiply(const Product& p, const float* A, const float* B, float* C, bool accumulate) {
  thread_local const Buffer packedA = allocate(rowBlock * kBlock);
  thread_local const Buffer packedB = allocate(kBlock * columnBlock);
  alignas(64) float tile[tileRows * tileColumns];

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
            if (rows == tileRows && columns == tileColumns) {
              multiplyTile(kc, a, b, c, p.cRow, joins);
              continue;
            }
            multiplyTile(kc, a, b, tile, tileColumns, false);
            for (int64_t i = 0; i < rows; i++) {
              for (int64_t j = 0; j < columns; j++) {
                const float sum = tile[i * tileColumns + j];
                c[i * p.cRow + j] = joins ? c[i * p.cRow + j] + sum : sum;
              }
            }
          }
        }
      }
    }
  }
}

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
  multiply(p, at(v[1]), at(v[2]), at(v[0]), accumulate);
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
