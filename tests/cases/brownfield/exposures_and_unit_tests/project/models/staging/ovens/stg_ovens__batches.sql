select
    batch_id,
    oven,
    baked_at
from {{ source('ovens', 'batches') }}
