{{ config(materialized='table') }}

with

source as (

    select * from {{ source('ecommerce', 'refunds') }}

),

renamed as (

    select
        -- ids
        id as refund_id,
        order_id

    from source

)

select * from renamed
