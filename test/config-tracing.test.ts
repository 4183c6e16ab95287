import { expect, test } from 'vitest'

import { readConfig } from '../src/config.ts'
import { samplerOf } from '../src/telemetry/sampler.ts'

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

test('nothing is traced unless a receiver is named, or where it is turned off', () => {
  expect(readConfig({}).tracing).toBeNull()
  expect(readConfig({ OTEL_SERVICE_NAME: 'x' }).tracing).toBeNull()
  expect(readConfig({ ...endpoint, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull()
  expect(readConfig({ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeNull()
})

test('settings of others are no obstacle while nothing is traced', () => {
  const others = { OTEL_TRACES_SAMPLER: 'xray', OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://x' }
  expect(readConfig(others).tracing).toBeNull()
  expect(readConfig({ ...endpoint, ...others, OTEL_SDK_DISABLED: 'TRUE' }).tracing).toBeNull()
  expect(() => readConfig({ ...endpoint, ...others })).toThrow(/OTEL_TRACES_SAMPLER: .*"xray"/)
})

test('the defaults are those of OpenTelemetry', () => {
  expect(readConfig(endpoint).tracing).toEqual({
    sampler: 'parentbased_always_on',
    samplerRatio: 1,
    batch: {
      scheduledDelayMillis: 5_000,
      exportTimeoutMillis: 30_000,
      maxQueueSize: 2_048,
      maxExportBatchSize: 512,
    },
  })
  const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }
  expect(readConfig(traces).tracing).not.toBeNull()
})

test.each(['grpc', 'http/json'])(
  'a protocol that is not spoken stops the start: %s',
  (protocol) => {
    const settings = { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol }
    expect(() => readConfig(settings)).toThrow(/expected http\/protobuf, got .*turns traces off/)
    expect(readConfig({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol }).tracing).toBeNull()
  },
)

test.each([
  ['always_on', 'AlwaysOnSampler'],
  ['always_off', 'AlwaysOffSampler'],
  ['traceidratio', 'TraceIdRatioBased{0.25}'],
  [
    'parentbased_always_on',
    'ParentBased{root=AlwaysOnSampler, remoteParentSampled=AlwaysOnSampler, remoteParentNotSampled=AlwaysOffSampler, localParentSampled=AlwaysOnSampler, localParentNotSampled=AlwaysOffSampler}',
  ],
] as const)('the sampler %s', (name, description) => {
  expect(samplerOf(name, 0.25).toString()).toBe(description)
})
