/** @file A project row as clients see it. A column is private until it is named here. */
import type { Project } from '../../contract/tenancy.ts'
import type { ProjectRow } from '../../store/projects.ts'

export function presentProject(row: ProjectRow): Project {
  return {
    id: row.id,
    object: 'project',
    name: row.name,
    created_at: row.createdAt.toISOString(),
  }
}
