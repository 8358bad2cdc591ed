select
    grower_id,
    grower_name,
    region
from {{ ref('stg_cellar__growers') }}
