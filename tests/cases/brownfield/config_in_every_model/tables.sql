create schema scada;
create table scada.plants (plant_id integer primary key, plant_name varchar, loaded_at timestamp);
create table scada.turbines (turbine_id integer primary key, plant_id integer, capacity_mw double, loaded_at timestamp);
create table scada.outputs (
  output_id bigint primary key, turbine_id integer not null, measured_at timestamp not null, mwh double, loaded_at timestamp
);
