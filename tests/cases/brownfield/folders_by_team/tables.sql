create schema core_banking;
create schema ads;
create table core_banking.accounts (account_id bigint primary key, holder_id bigint, opened_on date);
create table core_banking.loans (loan_id bigint primary key, account_id bigint, principal decimal(18, 2));
create table core_banking.repayments (
  repayment_id bigint primary key, loan_id bigint not null, paid_on date not null, amount decimal(18, 2) not null
);
create table ads.campaigns (campaign_id integer primary key, channel varchar, started_on date);
create table ads.clicks (click_id bigint primary key, campaign_id integer, clicked_at timestamp);
