select meter_id, customer_id, installed_on from {{ source('metering', 'meters') }}
