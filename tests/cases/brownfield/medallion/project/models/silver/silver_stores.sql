select * from {{ ref('bronze_pos_stores') }}
