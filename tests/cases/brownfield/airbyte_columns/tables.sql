create schema airbyte_megaphone;
create table airbyte_megaphone.shows (id integer primary key, title varchar, _airbyte_ab_id varchar, _airbyte_emitted_at timestamp);
create table airbyte_megaphone.episodes (
  id bigint primary key, show_id integer, title varchar, _airbyte_ab_id varchar, _airbyte_emitted_at timestamp
);
create table airbyte_megaphone.downloads (
  id bigint primary key, episode_id bigint not null, downloaded_at timestamp, country varchar, _airbyte_ab_id varchar,
  _airbyte_emitted_at timestamp
);
