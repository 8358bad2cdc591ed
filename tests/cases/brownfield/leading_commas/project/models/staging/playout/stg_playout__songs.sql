select
    id as song_id
  , artist_id
  , title as song_title
  , released_on
from {{ source('playout', 'songs') }}
