select
    grower_id,
    grower_name,
    region
from {{ source('cellar', 'growers') }}
