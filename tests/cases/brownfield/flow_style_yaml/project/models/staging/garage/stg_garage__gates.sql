select gate_id, lot_id from {{ source('garage', 'gates') }}
