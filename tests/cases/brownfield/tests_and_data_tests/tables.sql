create schema pms;
create schema spa;
create table pms.rooms (room_id integer primary key, floor integer);
create table pms.stays (stay_id integer primary key, room_id integer not null, arrived_on date, left_on date);
create table spa.treatments (treatment_id integer primary key, title varchar);
create table spa.bookings (booking_id integer primary key, treatment_id integer not null, room_id integer, starts_at timestamp);
