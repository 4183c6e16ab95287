/**
 * @file The kernels in machine code, with the bits of the WebAssembly kernels of the same names.
 *
 * AVX2 is required. AVX-512 is taken where it is there and measures faster: it is on an Intel Xeon of
 * 2023, and not on Zen 4, which computes it in halves.
 *
 * Built by scripts/build-kernels.mjs where there is a C++ compiler; Node-API alone, no other library.
 */
#include <cstdio>

#include "matrix-product.h"
#include "table.h"

namespace kernels {
namespace {

napi_value run(napi_env env, napi_callback_info info) {
  Call call(env, info);
  if (call.isGood()) call.kernel().run(call);
  if (call.isGood()) return nullptr;
  char message[96];
  std::snprintf(message, sizeof message, "%s: an array lies outside the memory.",
                call.kernel().name);
  napi_throw_range_error(env, nullptr, message);
  return nullptr;
}

void forget(napi_env, void* bound, void*) { delete static_cast<BoundKernel*>(bound); }

/**
 * bind(bytes: Uint8Array): the kernels on that memory, which the caller keeps alive. For tests,
 * bind(bytes, 8) takes AVX2 in any case.
 */
napi_value bind(napi_env env, napi_callback_info info) {
  static const int fastest = chooseLanes();
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
  napi_value bound;
  napi_create_object(env, &bound);
  for (const Table* table : {&matrixProductKernels, &elementwiseKernels, &columnSumKernels,
                             &geluKernels, &normKernels, &attentionKernels, &lossKernels,
                             &optimizerKernels}) {
    for (const Kernel& kernel : *table) {
      auto* data = new BoundKernel{&kernel, static_cast<char*>(base), static_cast<int64_t>(bytes),
                                   lanes == 8 ? 8 : fastest};
      napi_value function;
      napi_create_function(env, kernel.name, NAPI_AUTO_LENGTH, run, data, &function);
      napi_add_finalizer(env, function, data, forget, nullptr, nullptr);
      napi_set_named_property(env, bound, kernel.name, function);
    }
  }
  return bound;
}

}  // namespace
}  // namespace kernels

NAPI_MODULE_INIT() {
  __builtin_cpu_init();
  napi_value isSupported, function;
  napi_get_boolean(env, __builtin_cpu_supports("avx2"), &isSupported);
  napi_set_named_property(env, exports, "isSupported", isSupported);
  napi_create_function(env, "bind", NAPI_AUTO_LENGTH, kernels::bind, nullptr, &function);
  napi_set_named_property(env, exports, "bind", function);
  return exports;
}
