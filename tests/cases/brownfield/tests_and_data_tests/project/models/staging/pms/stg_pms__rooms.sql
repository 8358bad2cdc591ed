select room_id, floor from {{ source('pms', 'rooms') }}
