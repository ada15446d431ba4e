-- AlterTable
ALTER TABLE "Shop" ADD COLUMN "name" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "Shop_title_key" ON "Shop"("title");
