create schema cellar;
create schema webshop;
create table cellar.growers (grower_id integer primary key, grower_name varchar, region varchar);
create table webshop.orders (
  order_id bigint primary key, customer_id integer not null, grower_id integer not null, ordered_at timestamp not null,
  bottles integer not null, total decimal(10, 2) not null
);
