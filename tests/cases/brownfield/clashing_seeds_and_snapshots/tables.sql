create schema fleet;
create table fleet.drivers (driver_id integer primary key, full_name varchar);
create table fleet.vehicles (vehicle_id integer primary key, plate varchar, depot_code varchar);
create table fleet.depots (depot_code varchar primary key, city varchar, opened_on date);
create table fleet.trips (
  trip_id bigint primary key, vehicle_id integer not null, driver_id integer not null, started_at timestamp, km double
);
