CREATE TABLE "shops" (
	"id" serial PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE INDEX "shops_id" ON "shops" ("id")
--> statement-breakpoint
ALTER TABLE "shops" ADD COLUMN "name" text;--> statement-breakpoint
CREATE INDEX "shops_name" ON "shops" ("name");
