select port_id, port_name from {{ source('sailings', 'ports') }}
