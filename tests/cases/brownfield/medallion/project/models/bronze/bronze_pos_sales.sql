select
    sale_id,
    store_id,
    sold_at,
    amount
from {{ source('pos', 'sales') }}
