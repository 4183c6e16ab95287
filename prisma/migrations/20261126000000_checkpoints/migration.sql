-- AlterEnum
ALTER TYPE "event_type" ADD VALUE 'checkpoint';

-- Until now nobody has written a checkpoint: the table is empty.
-- AlterTable
ALTER TABLE "checkpoints" DROP CONSTRAINT "checkpoints_pkey",
ADD COLUMN     "bytes" BIGINT NOT NULL,
ADD COLUMN     "epoch" INTEGER NOT NULL,
ADD COLUMN     "id" TEXT NOT NULL,
ADD COLUMN     "metric" DOUBLE PRECISION,
ADD COLUMN     "numerics_version" INTEGER NOT NULL,
ADD COLUMN     "plan_hash" TEXT NOT NULL,
ADD COLUMN     "preprocessing" JSONB NOT NULL,
ADD COLUMN     "rest_blob_id" TEXT NOT NULL,
ADD COLUMN     "sha256" TEXT NOT NULL,
ADD CONSTRAINT "checkpoints_pkey" PRIMARY KEY ("id");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoints_rest_blob_id_key" ON "checkpoints"("rest_blob_id");

-- CreateIndex
CREATE INDEX "checkpoints_job_id_id_idx" ON "checkpoints"("job_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "checkpoints_job_id_step_key" ON "checkpoints"("job_id", "step");

-- AddForeignKey
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_rest_blob_id_fkey" FOREIGN KEY ("rest_blob_id") REFERENCES "blobs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
