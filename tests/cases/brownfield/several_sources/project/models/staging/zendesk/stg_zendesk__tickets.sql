select
    id as ticket_id,
    requester_id,
    opened_at
from {{ source('zendesk', 'tickets') }}
