create schema till;
create table till.shops (id bigint primary key, name varchar not null, city varchar);
create table till.receipts (
  id bigint primary key, shop_id bigint not null references till.shops (id), total_cents integer not null,
  printed_at timestamp not null
);
create table till.receipt_lines (
  id bigint primary key, receipt_id bigint not null references till.receipts (id), product varchar not null,
  quantity integer not null, is_discounted boolean not null
);
