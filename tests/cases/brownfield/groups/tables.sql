create schema billing;
create schema metering;
create table billing.customers (customer_id bigint primary key, full_name varchar);
create table billing.invoices (invoice_id bigint primary key, customer_id bigint, issued_on date);
create table metering.meters (meter_id bigint primary key, customer_id bigint, installed_on date);
create table metering.readings (
  reading_id bigint primary key, meter_id bigint not null, customer_id bigint not null, read_at timestamp, kwh double
);
