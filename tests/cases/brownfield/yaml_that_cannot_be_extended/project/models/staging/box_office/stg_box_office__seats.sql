select seat_id, seat_row from {{ source('box_office', 'seats') }}
