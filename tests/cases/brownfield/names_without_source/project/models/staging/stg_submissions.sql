select submission_id, student_id, submitted_at from {{ source('lms', 'submissions') }}
