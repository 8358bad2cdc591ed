create schema box_office;
create table box_office.plays (play_id integer primary key, title varchar);
create table box_office.seats (seat_id integer primary key, seat_row varchar);
create table box_office.tickets (ticket_id bigint primary key, play_id integer not null, seat_id integer not null, price decimal(6, 2));
