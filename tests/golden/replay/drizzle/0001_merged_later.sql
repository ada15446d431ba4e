ALTER TABLE "shops" ADD COLUMN "closed_at" timestamp;
