/**
 * @file The public surface of the engine: layers and presets to describe a network, a plan that knows
 * its cost, a trainer, a predictor, and safetensors in and out. Everything else is private.
 */
export type { Definition } from './definition.ts'
export { EngineError, type EngineErrorCode } from './errors.ts'
export {
  type DecodedSafetensors,
  decodeSafetensors,
} from './formats/safetensors/decode-safetensors.ts'
export { encodeSafetensors, safetensorsBytes } from './formats/safetensors/encode-safetensors.ts'
export { glorotNormal } from './initializers/glorot-normal.ts'
export { glorotUniform } from './initializers/glorot-uniform.ts'
export { heNormal } from './initializers/he-normal.ts'
export { heUniform } from './initializers/he-uniform.ts'
export type { Initializer } from './initializers/initializer.ts'
export { ones } from './initializers/ones.ts'
export { torchLinear } from './initializers/torch-linear.ts'
export { uniform } from './initializers/uniform.ts'
export { zeros } from './initializers/zeros.ts'
export {
  type KernelBackend,
  type KernelTable,
  type OpenedMemory,
  referenceBackend,
  type SharedMemories,
} from './kernels/backend.ts'
export type { Kernels } from './kernels/kernels.ts'
export { referenceKernels } from './kernels/reference/reference-kernels.ts'
export { joinTeam, type Membership, teamBytes } from './kernels/shared-team.ts'
export { solo, type Team } from './kernels/team.ts'
export type { NativeKernels } from './kernels/wasm/matrix-product.ts'
export { memoryBytesOf } from './kernels/wasm/memory-size.ts'
export { createWasmBackend } from './kernels/wasm/wasm-backend.ts'
export type { WasmMemory as SharedMemory } from './kernels/wasm/web-assembly.ts'
export { averagePool2d } from './layers/average-pool2d.ts'
export { batchNorm } from './layers/batch-norm.ts'
export { conv2d } from './layers/conv2d.ts'
export { dense } from './layers/dense.ts'
export { dropout } from './layers/dropout.ts'
export { flatten } from './layers/flatten.ts'
export { gelu } from './layers/gelu.ts'
export { globalAveragePool2d } from './layers/global-average-pool2d.ts'
export type { Layer } from './layers/layer.ts'
export { maxPool2d } from './layers/max-pool2d.ts'
export { relu } from './layers/relu.ts'
export { type Sequential, sequential } from './layers/sequential.ts'
export { sigmoid } from './layers/sigmoid.ts'
export { softmax } from './layers/softmax.ts'
export { tanh } from './layers/tanh.ts'
export { binaryCrossEntropy } from './losses/binary-cross-entropy.ts'
export { categoricalCrossEntropy } from './losses/categorical-cross-entropy.ts'
export type { Loss } from './losses/loss.ts'
export { meanSquaredError } from './losses/mean-squared-error.ts'
export type { Dtype, FloatArray } from './memory/float-array.ts'
export type { LinearMemory } from './memory/layout.ts'
export type { RowSource, RowValues } from './memory/row-source.ts'
export { numericsVersions } from './numerics/version.ts'
export { adam } from './optimizers/adam.ts'
export { adamw } from './optimizers/adamw.ts'
export { momentum } from './optimizers/momentum.ts'
export { nesterov } from './optimizers/nesterov.ts'
export type { DecayedParameters, Optimizer } from './optimizers/optimizer.ts'
export { rmsprop } from './optimizers/rmsprop.ts'
export { sgd } from './optimizers/sgd.ts'
export { type PredictionPlan, planPrediction } from './prediction/plan-prediction.ts'
export { createPredictor, type Predictor } from './prediction/predictor.ts'
export { type CnnOptions, cnn } from './presets/cnn.ts'
export { type MlpActivation, mlp } from './presets/mlp.ts'
export { permutation } from './random/permutation.ts'
export { createRandomStream, type RandomPurpose, type RandomStream } from './random/stream.ts'
export { constant } from './schedules/constant.ts'
export { cosine } from './schedules/cosine.ts'
export type { Schedule } from './schedules/schedule.ts'
export { step } from './schedules/step.ts'
export type { Shape } from './shape.ts'
export type { NamedTensors, Tensor } from './tensor.ts'
export type { MetricPoint } from './training/advance.ts'
export type { TrainingData } from './training/data.ts'
export { followTrainer } from './training/follower.ts'
export { loadRows } from './training/load-rows.ts'
export type { TrainingBytes } from './training/memory-plan.ts'
export type { EarlyStoppingOptions, MetricName, TrainingOptions } from './training/options.ts'
export { planTraining, type TrainingPlan } from './training/plan.ts'
export type { Snapshot, SnapshotState } from './training/snapshot.ts'
export type { BestEpoch, TrainerState } from './training/state.ts'
export {
  createTrainer,
  type Trainer,
  type TrainerOptions,
  type TrainingReport,
} from './training/trainer.ts'
