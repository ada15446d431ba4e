ALTER TABLE "shops" ADD COLUMN "open" boolean;--> statement-breakpoint
ALTER TABLE "missing" ADD COLUMN "open" boolean;
