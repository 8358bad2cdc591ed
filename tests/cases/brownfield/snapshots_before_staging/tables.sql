create schema portal;
create table portal.agents (agent_id integer primary key, full_name varchar);
create table portal.listings (listing_id bigint primary key, agent_id integer, price decimal(12, 2), updated_at timestamp);
create table portal.viewings (viewing_id bigint primary key, listing_id bigint not null, agent_id integer, viewed_at timestamp);
