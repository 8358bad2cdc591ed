create schema herd;
create table herd.cows (cow_id integer primary key, ear_tag varchar);
create table herd.milkings (milking_id bigint primary key, cow_id integer not null, milked_at timestamp, litres double);
