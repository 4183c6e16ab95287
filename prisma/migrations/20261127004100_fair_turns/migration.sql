-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "overtaken" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "plan_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "plan_threads" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "result_bytes" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "limits" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "weight" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "turns" (
    "project_id" TEXT NOT NULL,
    "came_at" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "due_at" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "turns_pkey" PRIMARY KEY ("project_id")
);

-- AddForeignKey
ALTER TABLE "turns" ADD CONSTRAINT "turns_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What Prisma's schema cannot say.

INSERT INTO "turns" ("project_id") SELECT "id" FROM "projects";

UPDATE "jobs" SET
  "plan_seconds" = coalesce(("plan" ->> 'seconds')::float8, 0),
  "plan_threads" = coalesce(("plan" ->> 'threads')::int, 1),
  "result_bytes" = coalesce(("plan" ->> 'weights_bytes')::bigint, 0)
WHERE "status" IN ('queued', 'running', 'paused');

-- The claim counts the running jobs of a project, and their threads.
DROP INDEX "jobs_running_idx";
CREATE INDEX "jobs_running_idx" ON "jobs"("project_id") INCLUDE ("plan_threads") WHERE "status" = 'running';

-- A row of it changes with each claim.
ALTER TABLE "turns" SET (fillfactor = 50);
