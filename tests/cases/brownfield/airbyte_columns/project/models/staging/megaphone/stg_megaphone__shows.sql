with source as (
    select * from {{ source('megaphone', 'shows') }}
)

select
    id as show_id,
    title
from source
