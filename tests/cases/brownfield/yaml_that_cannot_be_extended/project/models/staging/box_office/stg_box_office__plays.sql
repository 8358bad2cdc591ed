select play_id, title from {{ source('box_office', 'plays') }}
