-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "checkpoints_collected_at" TIMESTAMPTZ(3),
ADD COLUMN     "history_collected_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "collected" (
    "kind" TEXT NOT NULL,
    "rows" BIGINT NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "collected_pkey" PRIMARY KEY ("kind")
);

-- CreateIndex
CREATE INDEX "checkpoints_fence_idx" ON "checkpoints"("fence");

-- CreateIndex
CREATE INDEX "checkpoints_created_at_idx" ON "checkpoints"("created_at");

-- CreateIndex
CREATE INDEX "jobs_history_collected_at_ended_at_idx" ON "jobs"("history_collected_at", "ended_at");
