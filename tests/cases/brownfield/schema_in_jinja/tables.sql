create schema raw_network;
create schema raw_crm;
create schema raw_billing;
create table raw_network.cells (cell_id integer primary key, site_name varchar);
create table raw_network.outages (outage_id integer primary key, cell_id integer not null, began_at timestamp, ended_at timestamp);
create table raw_crm.subscribers (subscriber_id bigint primary key, tariff varchar);
create table raw_crm.contracts (contract_id bigint primary key, subscriber_id bigint not null, signed_on date);
create table raw_billing.bills (bill_id bigint primary key, subscriber_id bigint not null, amount decimal(10, 2), billed_on date);
