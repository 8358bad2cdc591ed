select holder_id, full_name from {{ source('policies', 'holders') }}
