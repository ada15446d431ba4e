-- CreateTable
CREATE TABLE "Shop" (
    "id" SERIAL NOT NULL,

    CONSTRAINT "Shop_pkey" PRIMARY KEY ("id")
);
