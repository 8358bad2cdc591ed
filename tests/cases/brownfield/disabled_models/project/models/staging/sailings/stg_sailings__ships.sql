select ship_id, ship_name from {{ source('sailings', 'ships') }}
