create schema stalls;
create table stalls.traders (trader_id integer primary key, pitch_id integer, trader_name varchar, phone varchar);
create table stalls.pitches (pitch_id integer primary key, pitch_row varchar, width_m double);
