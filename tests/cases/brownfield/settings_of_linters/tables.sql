create schema forms;
create table forms.questions (question_id integer primary key, wording varchar);
create table forms.answers (answer_id bigint primary key, question_id integer not null, answered_at timestamp, choice varchar);
