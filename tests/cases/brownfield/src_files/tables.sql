create schema mindbody;
create table mindbody.clients (
  id bigint, email varchar, created_at timestamp, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
create table mindbody.classes (
  id bigint, title varchar, starts_at timestamp, _fivetran_deleted boolean, _fivetran_synced timestamptz
);
create table mindbody.bookings (
  id bigint, client_id bigint, class_id bigint, booked_at timestamp, _fivetran_deleted boolean,
  _fivetran_synced timestamptz
);
