create schema port;
create table port.berths (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp);
create table port.pilots (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp);
create table port.tugs (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp);
create table port.cranes (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp);
create table port.quays (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp);
create table port.lamps (id integer primary key, quay_id integer, title varchar, active boolean, inserted timestamp, last_check timestamp, _fivetran_synced timestamp, lit boolean, swapped timestamp);
