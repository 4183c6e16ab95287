-- DropIndex
DROP INDEX "checkpoints_job_id_step_key";

-- CreateIndex
CREATE UNIQUE INDEX "checkpoints_job_id_step_fence_key" ON "checkpoints"("job_id", "step", "fence");
