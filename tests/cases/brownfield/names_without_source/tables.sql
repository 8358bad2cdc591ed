create schema sis;
create schema lms;
create table sis.students (student_id integer primary key, full_name varchar);
create table sis.courses (course_id integer primary key, title varchar);
create table sis.enrolments (student_id integer not null, course_id integer not null, enrolled_on date, primary key (student_id, course_id));
create table lms.submissions (submission_id bigint primary key, student_id integer, submitted_at timestamp);
create table lms.students (lms_student_id bigint primary key, login varchar, last_seen_at timestamp);
