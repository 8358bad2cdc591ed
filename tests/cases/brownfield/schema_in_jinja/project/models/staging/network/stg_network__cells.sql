select
    cell_id,
    site_name
from {{ source('network', 'cells') }}
