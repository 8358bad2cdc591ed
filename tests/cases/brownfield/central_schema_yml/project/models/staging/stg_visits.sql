with source as (
    select * from {{ source('hospital', 'visits') }}
)

select
    id as visit_id,
    patient_id,
    admitted_at,
    ward
from source
