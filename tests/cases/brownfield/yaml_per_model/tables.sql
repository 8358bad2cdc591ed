create schema catalogue_db;
create table catalogue_db.authors (id integer primary key, full_name varchar);
create table catalogue_db.books (id integer primary key, author_id integer, title varchar, published_on date);
create table catalogue_db.loans (
  id integer primary key, book_id integer not null, member_id integer not null, lent_on date not null, returned_on date
);
create table catalogue_db.members (id integer primary key, full_name varchar, joined_on date);
