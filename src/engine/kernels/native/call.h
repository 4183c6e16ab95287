/**
 * @file A call from JavaScript: byte offsets into a job's memory, sizes and numbers, as the WebAssembly
 * kernel of the same name takes them. What lies outside the memory is refused, as WebAssembly does.
 */
#pragma once

#include <node_api.h>

#include <cstdint>

namespace kernels {

class Call;

/** An entry of the table. */
struct Kernel {
  const char* name;
  size_t arguments;
  void (*run)(Call&);
};

/** A kernel, the memory that it works on, and the lanes that it takes: as long as its function lives. */
struct BoundKernel {
  const Kernel* kernel;
  char* base;
  int64_t bytes;
  int lanes;
};

class Call {
 public:
  static constexpr size_t most = 16;

  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = most;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments_, nullptr, &data);
    bound_ = static_cast<const BoundKernel*>(data);
    isGood_ = count == bound_->kernel->arguments;
  }

  const Kernel& kernel() const { return *bound_->kernel; }
  int lanes() const { return bound_->lanes; }
  /** False once an argument was none, or lay outside the memory: then nothing may be computed. */
  bool isGood() const { return isGood_; }

  int64_t integer(size_t index) {
    int64_t value = 0;
    isGood_ = isGood_ && napi_get_value_int64(env_, arguments_[index], &value) == napi_ok;
    return value;
  }

  /** As many as there are of something. */
  int64_t size(size_t index) {
    const int64_t value = integer(index);
    isGood_ = isGood_ && value >= 0;
    return value;
  }

  float number(size_t index) {
    double value = 0;
    isGood_ = isGood_ && napi_get_value_double(env_, arguments_[index], &value) == napi_ok;
    return static_cast<float>(value);
  }

  /** A truth value, or a number: WebAssembly has no other. */
  bool flag(size_t index) {
    bool value = false;
    if (napi_get_value_bool(env_, arguments_[index], &value) == napi_ok) return value;
    return integer(index) != 0;
  }

  /** `count` elements at a byte offset. */
  float* floats(size_t index, int64_t count) {
    const int64_t offset = integer(index);
    isGood_ = isGood_ && offset >= 0 && offset % 4 == 0 && count >= 0 &&
              count <= (bound_->bytes - offset) / 4;
    return reinterpret_cast<float*>(bound_->base + offset);
  }

  /** The same, or null for an offset of 0. */
  float* floatsOrNone(size_t index, int64_t count) {
    return integer(index) == 0 ? nullptr : floats(index, count);
  }

 private:
  napi_env env_;
  napi_value arguments_[most];
  const BoundKernel* bound_;
  bool isGood_;
};

}  // namespace kernels
