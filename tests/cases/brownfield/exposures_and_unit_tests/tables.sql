create schema ovens;
create table ovens.batches (batch_id bigint primary key, oven varchar, baked_at timestamp);
create table ovens.loaves (loaf_id bigint primary key, batch_id bigint not null, weight_g integer);
