with source as (
    select * from {{ source('hospital', 'patients') }}
)

select
    id as patient_id,
    first_name,
    last_name,
    born_on
from source
