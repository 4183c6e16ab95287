/**
 * @file Who may call which route, said a second time: a route that is not here, or says otherwise of
 * itself, fails the walk over all routes.
 */
import type { Scope } from '../../../src/contract/tenancy.ts'

export interface RouteRow {
  readonly scope: Scope | 'any' | 'public'
  /** A valid body, where the neighbor's 404 comes only after it was read. */
  readonly body?: object
}

export const routeRows: Record<string, RouteRow> = {
  'GET /': { scope: 'public' },
  'GET /livez': { scope: 'public' },
  'GET /readyz': { scope: 'public' },
  'GET /metrics': { scope: 'public' },
  'GET /openapi.json': { scope: 'public' },
  'GET /docs': { scope: 'public' },
  'GET /docs/errors': { scope: 'public' },
  'GET /docs/json': { scope: 'public' },
  'GET /docs/yaml': { scope: 'public' },
  'GET /docs/static/*': { scope: 'public' },
  'GET /docs/static/index.html': { scope: 'public' },
  'GET /docs/static/swagger-initializer.js': { scope: 'public' },

  'GET /admin/queue': { scope: 'admin' },
  'GET /admin/queue/': { scope: 'admin' },
  'GET /admin/queue/metrics-history': { scope: 'admin' },
  'GET /admin/queue/job-schedulers': { scope: 'admin' },
  'GET /admin/queue/queue/:queueName': { scope: 'admin' },
  'GET /admin/queue/queue/:queueName/:jobId': { scope: 'admin' },
  'GET /admin/queue/static/*': { scope: 'admin' },
  'GET /admin/queue/api/redis/stats': { scope: 'admin' },
  'GET /admin/queue/api/queues': { scope: 'admin' },
  'GET /admin/queue/api/job-schedulers': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/metrics': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/default-job-options': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/workers': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/rate-limit': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/job-data-schema': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/:jobId/logs': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/:jobId/flow': { scope: 'admin' },
  'GET /admin/queue/api/queues/:queueName/:jobId': { scope: 'admin' },

  'GET /v1/limits': { scope: 'any' },

  'POST /v1/projects': { scope: 'admin' },
  'GET /v1/projects': { scope: 'admin' },
  'GET /v1/projects/:projectId': { scope: 'admin' },
  'PATCH /v1/projects/:projectId': { scope: 'admin' },
  'DELETE /v1/projects/:projectId': { scope: 'admin' },

  'POST /v1/api-keys': { scope: 'admin' },
  'GET /v1/api-keys': { scope: 'admin' },
  'GET /v1/api-keys/:apiKeyId': { scope: 'admin' },
  'POST /v1/api-keys/:apiKeyId/rotate': { scope: 'admin' },
  'DELETE /v1/api-keys/:apiKeyId': { scope: 'admin' },

  'POST /v1/plans': { scope: 'jobs:read' },

  'POST /v1/jobs': { scope: 'jobs:write' },
  'GET /v1/jobs': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId': { scope: 'jobs:read' },
  'POST /v1/jobs/:jobId/cancel': { scope: 'jobs:write' },
  'POST /v1/jobs/:jobId/stop': { scope: 'jobs:write' },
  'POST /v1/jobs/:jobId/pause': { scope: 'jobs:write' },
  'POST /v1/jobs/:jobId/resume': { scope: 'jobs:write' },
  'DELETE /v1/jobs/:jobId': { scope: 'jobs:write' },
  'GET /v1/jobs/:jobId/events': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId/losses': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId/runs': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId/checkpoints': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId/checkpoints/:checkpointId/weights': { scope: 'jobs:read' },
  'GET /v1/jobs/:jobId/weights': { scope: 'jobs:read' },
  'POST /v1/jobs/:jobId/predict': { scope: 'predict', body: { rows: [{ a: 0, b: 0 }] } },

  'POST /v1/datasets': { scope: 'datasets:write' },
  'GET /v1/datasets': { scope: 'datasets:read' },
  'GET /v1/datasets/:datasetId': { scope: 'datasets:read' },
  'GET /v1/datasets/:datasetId/profile': { scope: 'datasets:read' },
  'GET /v1/datasets/:datasetId/content': { scope: 'datasets:read' },
  'GET /v1/datasets/:datasetId/rows': { scope: 'datasets:read' },
  'DELETE /v1/datasets/:datasetId': { scope: 'datasets:write' },
}
