WITH SOURCE AS (
    SELECT *
    FROM {{ source('freight', 'shipments') }}
)

SELECT
    shipment_id
  , carrier_id
  , sent_at
  , weight_kg
FROM SOURCE
