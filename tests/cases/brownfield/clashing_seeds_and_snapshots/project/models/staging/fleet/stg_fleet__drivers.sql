select driver_id, full_name from {{ source('fleet', 'drivers') }}
