-- AlterEnum
ALTER TYPE "dataset_format" ADD VALUE 'idx';
