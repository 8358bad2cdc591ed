create schema erp;
create table erp.lieferant (lieferant_id integer primary key, firma varchar);
create table erp.artikel (artikel_id integer primary key, lieferant_id integer, bezeichnung varchar);
create table erp.bestellung (bestellung_id integer primary key, lieferant_id integer not null, bestellt_am date);
