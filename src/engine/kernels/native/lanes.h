/**
 * @file Vectors of eight or sixteen float32 lanes. Kernels are written once, for either number, and
 * inlined into a function for AVX2 and one for AVX-512.
 *
 * Each lane has the bits of the same float32 arithmetic anywhere (docs/numerics.md): contraction is off,
 * so a product is rounded before it is added.
 */
#pragma once

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define AVX512 __attribute__((target("avx512f")))

namespace kernels {

template <int lanes>
struct Vector {
  typedef float type __attribute__((vector_size(lanes * sizeof(float))));
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

}  // namespace kernels
