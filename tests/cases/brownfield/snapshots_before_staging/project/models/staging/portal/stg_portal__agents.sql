select
    agent_id,
    full_name
from {{ source('portal', 'agents') }}
