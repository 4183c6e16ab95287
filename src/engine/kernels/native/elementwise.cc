/** @file Whole arrays, element by element. */
#include "lanes.h"
#include "table.h"

namespace kernels {
namespace {

struct Sum {
  template <class V>
  static ALWAYS_INLINE V of(V x, V y) {
    return x + y;
  }
};

struct Multiplied {
  template <class V>
  static ALWAYS_INLINE V of(V x, V y) {
    return x * y;
  }
};

/** dy where y > 0, else 0. */
struct ReluSlope {
  template <class V>
  static ALWAYS_INLINE V of(V dy, V y) {
    return y > 0.0f ? dy : V{};
  }
};

/** z = f(x, y) */
template <class Formula>
struct OfTwo {
  template <int lanes>
  static ALWAYS_INLINE void run(float* z, const float* x, const float* y, int64_t n) {
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      store<lanes>(z + i, Formula::of(load<lanes>(x + i), load<lanes>(y + i)));
    }
    for (; i < n; i++) z[i] = Formula::of(x[i], y[i]);
  }
};

/** (z, x, y, n) */
template <class Formula>
void ofTwo(Call& call) {
  const int64_t n = call.size(3);
  float* z = call.floats(0, n);
  const float* x = call.floats(1, n);
  const float* y = call.floats(2, n);
  if (call.isGood()) run<OfTwo<Formula>>(call.lanes(), z, x, y, n);
}

/** y = y + x: (y, x, n) */
void add(Call& call) {
  const int64_t n = call.size(2);
  float* y = call.floats(0, n);
  const float* x = call.floats(1, n);
  if (call.isGood()) run<OfTwo<Sum>>(call.lanes(), y, const_cast<const float*>(y), x, n);
}

/** NaN stays NaN, and -0 becomes 0. */
struct Relu {
  template <class V>
  static ALWAYS_INLINE V of(V x) {
    return x <= 0.0f ? V{} : x;
  }

  template <int lanes>
  static ALWAYS_INLINE void run(float* y, const float* x, int64_t n) {
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) store<lanes>(y + i, of(load<lanes>(x + i)));
    for (; i < n; i++) y[i] = of(x[i]);
  }
};

/** (y, x, n) */
void reluForward(Call& call) {
  const int64_t n = call.size(2);
  float* y = call.floats(0, n);
  const float* x = call.floats(1, n);
  if (call.isGood()) run<Relu>(call.lanes(), y, x, n);
}

}  // namespace

const Table elementwiseKernels = {
    {"add", 3, add},
    {"multiply", 4, ofTwo<Multiplied>},
    {"reluForward", 3, reluForward},
    {"reluBackward", 4, ofTwo<ReluSlope>},
};

}  // namespace kernels
