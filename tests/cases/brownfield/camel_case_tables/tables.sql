create schema "ErpProd";
create table "ErpProd"."BusinessPartners" ("BusinessPartnerId" integer primary key, "DisplayName" varchar);
create table "ErpProd"."SalesOrders" (
  "SalesOrderId" integer primary key, "BusinessPartnerId" integer not null, "OrderDate" date
);
create table "ErpProd"."SalesOrderLines" (
  "SalesOrderId" integer not null, "LineNo" integer not null, "ItemCode" varchar not null, "Quantity" decimal(12, 3),
  "IsCancelled" boolean, primary key ("SalesOrderId", "LineNo")
);
