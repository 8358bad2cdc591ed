create schema crm;
create schema app;
create table crm.accounts (account_id bigint primary key, account_name varchar);
create table crm.contacts (contact_id bigint primary key, account_id bigint, email varchar);
create table crm.deals (deal_id bigint primary key, account_id bigint not null, amount decimal(12, 2), closed_on date);
create table app.workspaces (workspace_id bigint primary key, account_id bigint, plan varchar);
create table app.seats (seat_id bigint primary key, workspace_id bigint not null, account_id bigint, is_active boolean);
