create schema garage;
create table garage.lots (lot_id integer primary key, lot_name varchar);
create table garage.gates (gate_id integer primary key, lot_id integer);
create table garage.stays (stay_id bigint primary key, gate_id integer not null, lot_id integer not null, entered_at timestamp);
