select treatment_id, title from {{ source('spa', 'treatments') }}
