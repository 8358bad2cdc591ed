create schema policies;
create table policies.holders (holder_id integer primary key, full_name varchar);
create table policies.policies (policy_id integer primary key, holder_id integer, starts_on date, premium decimal(10, 2));
create table policies.claims (
  claim_id integer primary key, policy_id integer not null, holder_id integer not null, amount decimal(10, 2), filed_on date
);
