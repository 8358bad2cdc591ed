select holder_id from {{ ref('stg_policies__holders') }}
