{{ config(materialized='ephemeral') }}

with

source as (

    select * from {{ source('app', 'event') }}

),

renamed as (

    select
        -- ids
        id as event_id,
        person_id,

        -- numerics
        amount,

        -- timestamps
        `at` as happened

    from source

)

select * from renamed
