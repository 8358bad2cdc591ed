create schema keeper;
create table keeper.enclosures (enclosure_id integer primary key, enclosure_name varchar);
create table keeper.animals (animal_id integer primary key, enclosure_id integer, species varchar);
create table keeper.feedings (feeding_id bigint primary key, animal_id integer not null, fed_at timestamp, grams integer);
