create schema hospital;
create table hospital.patients (id bigint primary key, first_name varchar, last_name varchar, born_on date);
create table hospital.visits (id bigint primary key, patient_id bigint, admitted_at timestamp, ward varchar);
create table hospital.prescriptions (
  id bigint primary key, visit_id bigint not null, patient_id bigint not null, drug varchar not null, dose_mg integer
);
