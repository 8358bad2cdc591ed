SELECT
    s.shipment_id
  , s.sent_at
  , s.weight_kg
  , c.carrier_name
FROM {{ ref('stg_freight__shipments') }} AS s
LEFT JOIN {{ ref('stg_freight__carriers') }} AS c
    ON c.carrier_id = s.carrier_id
