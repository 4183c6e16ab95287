/**
 * @file Where a jsonb column becomes a type again.
 *
 * What is read here was written by this service, from a value that its schema had accepted. So the
 * type is asserted and not checked: checking would cost milliseconds on each read of a job.
 */
import type { Prisma } from './generated/client.ts'

export function fromJson<T>(value: unknown): T {
  return value as T
}

/** For rows that are made here and not read: Prisma's type of JSON knows no readonly properties. */
export function toJsonValue(value: object): Prisma.JsonObject {
  return value as Prisma.JsonObject
}
