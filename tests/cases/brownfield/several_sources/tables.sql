create schema raw_amadeus;
create schema raw_zendesk;
create schema raw_stripe;
create table raw_amadeus.bookings (booking_reference varchar primary key, traveller_id bigint, booked_at timestamp);
create table raw_amadeus.segments (
  id bigint primary key, booking_reference varchar not null, origin varchar, destination varchar, departs_at timestamp
);
create table raw_zendesk.tickets (id bigint primary key, requester_id bigint, opened_at timestamp);
create table raw_stripe.charges (id varchar primary key, amount_cents bigint, created_at timestamp, is_refunded boolean);
