select cow_id, ear_tag from {{ source('herd', 'cows') }}
