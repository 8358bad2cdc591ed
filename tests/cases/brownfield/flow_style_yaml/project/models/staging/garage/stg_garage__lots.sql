select lot_id, lot_name from {{ source('garage', 'lots') }}
