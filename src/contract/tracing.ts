/**
 * @file What is told of where time goes: spans, as in OpenTelemetry, which src/telemetry fills in when it
 * is configured. Otherwise they are `noSpan`, which costs a call.
 */

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface SpanOptions {
  readonly attributes?: Attributes
  /** Of the clock on the wall, in ms; now when not given. */
  readonly startedAtMs?: number
}

export interface Span {
  /** As of W3C Trace Context: to be stored, so that what comes of it is part of the same trace. */
  readonly traceparent: string | null
  child(name: string, options?: SpanOptions): Span
  set(attributes: Attributes): void
  /** Something that happened in it. */
  event(name: string, attributes?: Attributes): void
  /** It did not do what it was for. */
  fail(why: string): void
  /** To be called once. */
  end(): void
}

export interface RootSpanOptions extends SpanOptions {
  /** Who answers a request, or who works on what was asked for earlier. */
  readonly kind: 'server' | 'consumer'
  /** A traceparent; what cannot be read as one begins a new trace. */
  readonly parent: string | null
}

export interface Tracer {
  /** False: nothing of what is traced is kept. */
  readonly isOn: boolean
  start(name: string, options: RootSpanOptions): Span
}

export const noSpan: Span = {
  traceparent: null,
  child: () => noSpan,
  set() {},
  event() {},
  fail() {},
  end() {},
}

export const noTracer: Tracer = { isOn: false, start: () => noSpan }

/** Runs `work` as a child of `parent`; an error fails it, by its name alone: a message may hold data. */
export async function inSpan<T>(
  parent: Span,
  name: string,
  work: (span: Span) => Promise<T>,
  options?: SpanOptions,
): Promise<T> {
  const span = parent.child(name, options)
  try {
    return await work(span)
  } catch (error) {
    span.fail(error instanceof Error ? error.name : typeof error)
    throw error
  } finally {
    span.end()
  }
}
