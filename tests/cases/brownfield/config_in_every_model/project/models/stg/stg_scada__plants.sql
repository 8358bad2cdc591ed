{{
    config(
        materialized='table'
    )
}}

with

src as (
    select * from {{ source('scada', 'plants') }}
)

select
    plant_id,
    plant_name,
    loaded_at
from src
