select
    id as artist_id
  , name as artist_name
  , country
from {{ source('playout', 'artists') }}
