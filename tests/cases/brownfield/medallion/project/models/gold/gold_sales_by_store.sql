select
    store_id,
    sum(amount) as amount
from {{ ref('silver_sales') }}
group by store_id
