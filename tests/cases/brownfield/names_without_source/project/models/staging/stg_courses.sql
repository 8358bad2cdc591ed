select course_id, title from {{ source('sis', 'courses') }}
