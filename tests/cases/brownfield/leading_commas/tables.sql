create schema playout;
create table playout.artists (id integer primary key, name varchar, country varchar);
create table playout.songs (id integer primary key, artist_id integer, title varchar, released_on date);
create table playout.plays (id bigint primary key, song_id integer not null, played_at timestamp not null, programme varchar);
