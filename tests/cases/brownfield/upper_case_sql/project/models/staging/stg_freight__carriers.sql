WITH SOURCE AS (
    SELECT *
    FROM {{ source('freight', 'carriers') }}
)

SELECT
    carrier_id
  , carrier_name
  , country_code
FROM SOURCE
