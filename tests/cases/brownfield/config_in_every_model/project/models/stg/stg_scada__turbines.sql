{{
    config(
        materialized='table'
    )
}}

with

src as (
    select * from {{ source('scada', 'turbines') }}
)

select
    turbine_id,
    plant_id,
    capacity_mw,
    loaded_at
from src
