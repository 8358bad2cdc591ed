create schema shop;
create table shop.customers (id bigint primary key, name varchar not null, signed_up_at timestamp);
create table shop.orders (
  id bigint primary key, customer_id bigint not null references shop.customers (id), status varchar, ordered_at timestamp
);
create table shop.returns (
  id bigint primary key, order_id bigint not null references shop.orders (id),
  customer_id bigint not null references shop.customers (id), reason varchar, returned_at timestamp not null,
  refunded_amount decimal(10, 2) not null
);
