-- AlterEnum
ALTER TYPE "intent" ADD VALUE 'pause';

-- AlterEnum
ALTER TYPE "job_status" ADD VALUE 'paused';

-- AlterEnum
ALTER TYPE "run_status" ADD VALUE 'paused';
