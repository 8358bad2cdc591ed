select
    booking_reference,
    traveller_id,
    booked_at
from {{ source('amadeus', 'bookings') }}
