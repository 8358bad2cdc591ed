create schema sailings;
create table sailings.ships (ship_id integer primary key, ship_name varchar);
create table sailings.ports (port_id integer primary key, port_name varchar);
create table sailings.crossings (
  crossing_id bigint primary key, ship_id integer not null, port_id integer not null, departed_at timestamp
);
