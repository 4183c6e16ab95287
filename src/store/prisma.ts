/** @file Prisma over the shared pool: no connections of its own, no engine to download. */
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'

import { PrismaClient } from './generated/client.ts'

export type { PrismaClient }

export function createPrisma(pool: pg.Pool): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' })
}
