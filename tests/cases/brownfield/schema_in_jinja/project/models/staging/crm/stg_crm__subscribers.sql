select
    subscriber_id,
    tariff
from {{ source('crm', 'subscribers') }}
