-- CreateTable
CREATE TABLE "checkpoint_uses" (
    "job_id" TEXT NOT NULL,
    "checkpoint_id" TEXT NOT NULL,

    CONSTRAINT "checkpoint_uses_pkey" PRIMARY KEY ("job_id")
);

-- CreateIndex
CREATE INDEX "checkpoint_uses_checkpoint_id_idx" ON "checkpoint_uses"("checkpoint_id");

-- AddForeignKey
ALTER TABLE "checkpoint_uses" ADD CONSTRAINT "checkpoint_uses_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "checkpoint_uses" ADD CONSTRAINT "checkpoint_uses_checkpoint_id_fkey" FOREIGN KEY ("checkpoint_id") REFERENCES "checkpoints"("id") ON DELETE CASCADE ON UPDATE CASCADE;
