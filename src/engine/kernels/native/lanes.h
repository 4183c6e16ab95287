/**
 * @file Vectors of eight or sixteen float32 lanes. Kernels are written once, for either number, and
 * inlined into a function for AVX2 and one for AVX-512.
 *
 * Each lane has the bits of the same float32 arithmetic anywhere (docs/numerics.md): contraction is off,
 * so a product is rounded before it is added.
 */
#pragma once

#include <immintrin.h>

#include <cstdint>

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define AVX512 __attribute__((target("avx512f")))

namespace kernels {

template <int lanes>
struct Vector {
  typedef float type __attribute__((vector_size(lanes * sizeof(float))));
  typedef int32_t integers __attribute__((vector_size(lanes * sizeof(float))));
  typedef float anywhere __attribute__((vector_size(lanes * sizeof(float)), aligned(4), may_alias));
};

template <int lanes>
using Lanes = typename Vector<lanes>::type;

template <int lanes>
ALWAYS_INLINE Lanes<lanes> load(const float* from) {
  return *reinterpret_cast<const typename Vector<lanes>::anywhere*>(from);
}

template <int lanes>
ALWAYS_INLINE void store(float* to, Lanes<lanes> values) {
  *reinterpret_cast<typename Vector<lanes>::anywhere*>(to) = values;
}

template <int lanes>
ALWAYS_INLINE Lanes<lanes> splat(float x) {
  return x - Lanes<lanes>{};  // not 0 + x, which would lose the sign of -0
}

template <int lanes>
ALWAYS_INLINE Lanes<lanes> magnitude(Lanes<lanes> x) {
  return (Lanes<lanes>)((typename Vector<lanes>::integers)x & 0x7fffffff);
}

/** Correctly rounded. In assembly, since an intrinsic belongs to one width. */
template <int lanes>
ALWAYS_INLINE Lanes<lanes> squareRoot(Lanes<lanes> x) {
  Lanes<lanes> root;
  __asm__("vsqrtps %1, %0" : "=v"(root) : "v"(x));
  return root;
}

alignas(64) constexpr int32_t places[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/** Which of the first lanes there are. */
template <int lanes>
ALWAYS_INLINE typename Vector<lanes>::integers areBelow(int64_t count) {
  using Integers = typename Vector<lanes>::integers;
  return *reinterpret_cast<const Integers*>(places) < static_cast<int32_t>(count);
}

/** `count` elements of a row that ends, and `rest` beyond them; eight or sixteen together. */
template <int size>
struct Part {
  alignas(64) float values[size];

  ALWAYS_INLINE Part(const float* from, int64_t count, float rest) {
    for (int j = 0; j < size; j += 8) {
      const auto isThere = areBelow<8>(count - j);
      const Lanes<8> x = (Lanes<8>)_mm256_maskload_ps(from + j, (__m256i)isThere);
      store<8>(values + j, isThere ? x : splat<8>(rest));
    }
  }
  ALWAYS_INLINE void storeTo(float* to, int64_t count) const {
    for (int j = 0; j < size; j += 8) {
      _mm256_maskstore_ps(to + j, (__m256i)areBelow<8>(count - j), (__m256)load<8>(values + j));
    }
  }
};

/** What there is of a vector, `left` elements or more; the others are zero. */
template <int lanes>
ALWAYS_INLINE Lanes<lanes> loadUpTo(const float* from, int64_t left) {
  return left >= lanes ? load<lanes>(from) : load<lanes>(Part<lanes>(from, left, 0).values);
}

template <int lanes>
ALWAYS_INLINE void storeUpTo(float* to, int64_t left, Lanes<lanes> values) {
  if (left >= lanes) return store<lanes>(to, values);
  Part<lanes> part(to, 0, 0);
  store<lanes>(part.values, values);
  part.storeTo(to, left);
}

/** row[from..to) = 0 */
template <int lanes>
ALWAYS_INLINE void clearFrom(float* row, int64_t from, int64_t to) {
  for (; from < to; from += lanes) storeUpTo<lanes>(row + from, to - from, Lanes<lanes>{});
}

/** Calls Kernel::run<lanes> in a function that is compiled for so many. */
template <class Kernel, class... Arguments>
void runWith8(Arguments... arguments) {
  Kernel::template run<8>(arguments...);
}

template <class Kernel, class... Arguments>
AVX512 void runWith16(Arguments... arguments) {
  Kernel::template run<16>(arguments...);
}

template <class Kernel, class... Arguments>
void run(int lanes, Arguments... arguments) {
  if (lanes == 16) runWith16<Kernel>(arguments...);
  else runWith8<Kernel>(arguments...);
}

}  // namespace kernels
