select
    listing_id,
    agent_id,
    price,
    dbt_valid_from,
    dbt_valid_to
from {{ ref('listings_snapshot') }}
