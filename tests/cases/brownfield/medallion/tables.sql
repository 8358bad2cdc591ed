create schema pos;
create table pos.stores (store_id integer primary key, store_name varchar);
create table pos.sales (sale_id bigint primary key, store_id integer, sold_at timestamp, amount decimal(10, 2));
create table pos.refunds (refund_id bigint primary key, sale_id bigint not null, refunded_at timestamp, amount decimal(10, 2));
