/** @file A project row as clients see it. A column is private until it is named here. */
import type { Project, ProjectLimits } from '../../contract/tenancy.ts'
import { fromJson } from '../../store/json.ts'
import type { ProjectRow } from '../../store/projects.ts'

export function presentProject(row: ProjectRow): Project {
  return {
    id: row.id,
    object: 'project',
    name: row.name,
    weight: row.weight,
    limits: fromJson<ProjectLimits>(row.limits),
    created_at: row.createdAt.toISOString(),
  }
}
