create schema cms;
create table cms.authors (author_id integer primary key, byline varchar);
create table cms.articles (article_id bigint primary key, author_id integer, headline varchar, published_at timestamp);
create table cms.comments (comment_id bigint primary key, article_id bigint not null, body varchar, commented_at timestamp);
