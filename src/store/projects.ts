/** @file Projects: the owners of everything else. */
import { AppError } from '../contract/errors.ts'
import type { UpdateProject } from '../contract/tenancy.ts'
import type { Project } from './generated/client.ts'
import { type ListOptions, type ListPage, listPage } from './list-page.ts'
import type { PrismaClient } from './prisma.ts'
import type { Queryable } from './transaction.ts'

export type ProjectRow = Project

const projectColumns = 'id, name, created_at AS "createdAt", weight, limits'

export async function createProject(db: Queryable, id: string, name: string): Promise<ProjectRow> {
  const { rows } = await db.query<ProjectRow>(
    `WITH project AS (
      INSERT INTO projects (id, name) VALUES ($1, $2) RETURNING ${projectColumns}
    ), turn AS (
      INSERT INTO turns (project_id) SELECT id FROM project
    )
    SELECT * FROM project`,
    [id, name],
  )
  return rows[0]
}

/** What is not given stays as it is. Errors: `project_not_found`. */
export async function updateProject(
  db: Queryable,
  id: string,
  { name, weight, limits = {} }: UpdateProject,
): Promise<ProjectRow> {
  const { rows } = await db.query<ProjectRow>(
    `UPDATE projects SET
      name = coalesce($2, name), weight = coalesce($3, weight),
      limits = jsonb_strip_nulls(limits || $4::jsonb)
    WHERE id = $1 RETURNING ${projectColumns}`,
    [id, name, weight, JSON.stringify(limits)],
  )
  if (!rows[0]) throw new AppError('project_not_found', `There is no project ${id}.`)
  return rows[0]
}

/**
 * To be run in a transaction; the project's keys go with it.
 * Errors: `project_not_found`, `project_not_empty`.
 */
export async function deleteProject(transaction: Queryable, id: string): Promise<void> {
  const found = await transaction.query('SELECT 1 FROM projects WHERE id = $1 FOR UPDATE', [id])
  if (found.rowCount === 0) throw new AppError('project_not_found', `There is no project ${id}.`)
  const { rows } = await transaction.query<{ jobs: number; datasets: number }>(
    `SELECT (SELECT count(*) FROM jobs WHERE project_id = $1)::int AS jobs,
      (SELECT count(*) FROM datasets WHERE project_id = $1)::int AS datasets`,
    [id],
  )
  const owned = rows[0] ?? { jobs: 0, datasets: 0 }
  if (owned.jobs + owned.datasets > 0) {
    throw new AppError(
      'project_not_empty',
      `Project ${id} still owns ${owned.jobs} jobs and ${owned.datasets} datasets.`,
    )
  }
  await transaction.query('DELETE FROM projects WHERE id = $1', [id])
}

export function createProjectReader(prisma: PrismaClient) {
  return {
    find(id: string): Promise<ProjectRow | null> {
      return prisma.project.findUnique({ where: { id } })
    },

    list(options: ListOptions): Promise<ListPage<ProjectRow>> {
      return listPage(options, (page) => prisma.project.findMany(page))
    },
  }
}
