/**
 * @file Traces for OpenTelemetry, over OTLP. Loaded only when the settings name a receiver: nobody else
 * pays for it. Where to send, with which headers, and for whom (OTEL_EXPORTER_OTLP_*, OTEL_SERVICE_NAME,
 * OTEL_RESOURCE_ATTRIBUTES) the packages read from the environment, as everywhere.
 *
 * No context is kept by itself: whoever has a span gives it on. So nothing is patched, and a promise that
 * is shared by several requests belongs to none of them.
 */
import {
  type Context,
  DiagLogLevel,
  diag,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

import type { RootSpanOptions, Span, SpanOptions, Tracer } from '../contract/tracing.ts'
import { type SamplerName, samplerOf } from './sampler.ts'

export interface TracingOptions {
  readonly serviceName: string
  readonly version: string
  /** Tells apart the processes of one service. */
  readonly instance: string
  readonly sampler: SamplerName
  /** Of the samplers that keep a part. */
  readonly samplerRatio: number
  /** How spans are gathered before they are sent. */
  readonly batch: {
    readonly scheduledDelayMillis: number
    readonly exportTimeoutMillis: number
    readonly maxQueueSize: number
    readonly maxExportBatchSize: number
  }
  readonly onError: (error: Error) => void
}

export interface Tracing extends Tracer {
  /** Sends what is left. */
  stop(): Promise<void>
}

/** A receiver that refuses spans may answer with a page: this much of it goes to the log. */
const longestComplaint = 500

export function startTracing(options: TracingOptions): Tracing {
  const { version, sampler, samplerRatio, batch, onError } = options
  const say = (...parts: unknown[]) =>
    onError(new Error(parts.map(String).join(' ').slice(0, longestComplaint)))
  const quiet = () => {}
  const logger = { error: say, warn: say, info: quiet, debug: quiet, verbose: quiet }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })

  const exporter = new OTLPTraceExporter()
  const provider = new TracerProvider({
    resource: resourceOf(options),
    sampler: samplerOf(sampler, samplerRatio),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...batch })],
  })
  const tracer = provider.getTracer('trainyard', version)
  return {
    isOn: true,
    start: (name, root) => startSpan(tracer, name, root, contextOf(root.parent), kinds[root.kind]),
    stop: () => provider.shutdown(),
  }
}

const kinds: Record<RootSpanOptions['kind'], SpanKind> = {
  server: SpanKind.SERVER,
  consumer: SpanKind.CONSUMER,
}

/** The environment names the service, where it does, over what we call it. */
function resourceOf({ serviceName, version, instance }: TracingOptions) {
  const ours = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instance,
  })
  return defaultResource()
    .merge(ours)
    .merge(detectResources({ detectors: [envDetector] }))
}

function contextOf(traceparent: string | null): Context {
  const parent = traceparent === null ? null : parseTraceParent(traceparent)
  if (!parent) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
}

function startSpan(
  tracer: OtelTracer,
  name: string,
  { attributes = {}, startedAtMs }: SpanOptions,
  parent: Context,
  kind: SpanKind,
): Span {
  const startTime = startedAtMs === undefined ? {} : { startTime: startedAtMs }
  return wrap(tracer, tracer.startSpan(name, { kind, attributes, ...startTime }, parent))
}

function wrap(tracer: OtelTracer, span: OtelSpan): Span {
  const { traceId, spanId, traceFlags } = span.spanContext()
  const context = trace.setSpan(ROOT_CONTEXT, span)
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    child: (name, options = {}) => startSpan(tracer, name, options, context, SpanKind.INTERNAL),
    set: (attributes) => span.setAttributes(attributes),
    event: (name, attributes = {}) => span.addEvent(name, attributes),
    fail(why) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: why })
      span.setAttribute('error.type', why)
    },
    end: () => span.end(),
  }
}
