-- CreateTable
CREATE TABLE "weights_uses" (
    "job_id" TEXT NOT NULL,
    "weights_job_id" TEXT NOT NULL,

    CONSTRAINT "weights_uses_pkey" PRIMARY KEY ("job_id")
);

-- CreateIndex
CREATE INDEX "weights_uses_weights_job_id_idx" ON "weights_uses"("weights_job_id");

-- AddForeignKey
ALTER TABLE "weights_uses" ADD CONSTRAINT "weights_uses_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "weights_uses" ADD CONSTRAINT "weights_uses_weights_job_id_fkey" FOREIGN KEY ("weights_job_id") REFERENCES "weights"("job_id") ON DELETE CASCADE ON UPDATE CASCADE;
