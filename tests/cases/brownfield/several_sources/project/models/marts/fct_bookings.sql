select * from {{ ref('stg_amadeus__bookings') }}
