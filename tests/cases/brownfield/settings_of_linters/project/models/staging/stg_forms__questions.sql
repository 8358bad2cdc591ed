SELECT
  question_id,
  wording
FROM {{ source('forms', 'questions') }}
