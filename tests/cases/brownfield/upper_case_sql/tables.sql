create schema freight;
create table freight.carriers (carrier_id integer primary key, carrier_name varchar, country_code varchar);
create table freight.shipments (shipment_id integer primary key, carrier_id integer, sent_at timestamp, weight_kg double);
create table freight.shipment_events (
  event_id integer primary key, shipment_id integer not null, event_type varchar not null, happened_at timestamp not null
);
