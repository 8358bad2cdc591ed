select student_id, full_name from {{ source('sis', 'students') }}
