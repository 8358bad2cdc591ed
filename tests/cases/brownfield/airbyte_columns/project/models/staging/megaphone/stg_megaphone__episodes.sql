with source as (
    select * from {{ source('megaphone', 'episodes') }}
)

select
    id as episode_id,
    show_id,
    title
from source
