/** @file A name for each operation, for those who generate clients: `get_v1_jobs_jobId`. */

export function operationIdOf(method: string, url: string): string {
  const parts = url.split('/').filter((part) => part !== '')
  return [method.toLowerCase(), ...parts].join('_').replace(/[^\w]/g, '')
}
