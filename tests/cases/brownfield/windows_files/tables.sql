create schema hr;
create table hr.departments (department_id integer primary key, department_name varchar);
create table hr.employees (employee_id integer primary key, department_id integer, hired_on date);
create table hr.absences (
  absence_id integer primary key, employee_id integer not null, reason varchar, starts_on date, ends_on date
);
