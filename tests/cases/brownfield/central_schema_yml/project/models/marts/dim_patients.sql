select * from {{ ref('stg_patients') }}
