/** @file Matrices into panels, so that a tile reads them in order: `width` elements for each k. */
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "lanes.h"

namespace kernels {

/** Eight columns of eight rows into eight rows. */
inline void transpose(const float* from, int64_t fromRow, float* to, int64_t toRow) {
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
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(to + (i + 4) * toRow, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}

/** Panels of what is contiguous across them: a row of `count` elements for each k. */
template <int64_t width>
void packRows(float* to, const float* from, int64_t k, int64_t count, int64_t along) {
  // So many panels at a time that each k reads whole cache lines, and writes into few.
  constexpr int64_t group = 8 * width;
  for (int64_t start = 0; start < count; start += group, to += group * k) {
    const int64_t present = std::min(group, count - start);
    const int64_t panels = present / width;
    const int64_t rest = present % width;
    for (int64_t i = 0; i < k; i++) {
      const float* row = from + start + i * along;
      for (int64_t ahead = 0; ahead < present; ahead += 16) {
        __builtin_prefetch(row + 8 * along + ahead);
      }
      float* out = to + i * width;
      for (int64_t panel = 0; panel < panels; panel++) {
        std::memcpy(out, row, width * sizeof(float));
        out += width * k;
        row += width;
      }
      if (rest > 0) {
        for (int64_t j = 0; j < width; j++) out[j] = j < rest ? row[j] : 0.0f;
      }
    }
  }
}

/** Panels of what is contiguous in k, and otherwise of what lies anyhow. */
template <int64_t width>
void packColumns(float* to, const float* from, int64_t k, int64_t count, int64_t along,
                 int64_t across) {
  for (int64_t start = 0; start < count; start += width, from += width * across) {
    const int64_t present = std::min(width, count - start);
    int64_t i = 0;
    if (present == width && along == 1 && width % 8 == 0) {
      for (; i + 8 <= k; i += 8) {
        for (int64_t part = 0; part < width; part += 8) {
          transpose(from + part * across + i, across, to + i * width + part, width);
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

/** Panels `width` wide, k by k; what lies beyond `count` is zero. `along` is the distance in k. */
template <int64_t width>
void pack(float* to, const float* from, int64_t k, int64_t count, int64_t along, int64_t across) {
  if (across == 1) packRows<width>(to, from, k, count, along);
  else packColumns<width>(to, from, k, count, along, across);
}

}  // namespace kernels
