select
    id as author_id,
    full_name
from {{ source('catalogue', 'authors') }}
