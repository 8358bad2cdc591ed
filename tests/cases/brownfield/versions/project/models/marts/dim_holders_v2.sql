select holder_id, full_name from {{ ref('stg_policies__holders') }}
