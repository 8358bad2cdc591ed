select
    store_id,
    store_name
from {{ source('pos', 'stores') }}
