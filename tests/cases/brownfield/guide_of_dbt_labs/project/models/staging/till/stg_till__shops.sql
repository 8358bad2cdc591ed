with

source as (

    select * from {{ source('till', 'shops') }}

),

renamed as (

    select

        ---------- ids
        id as shop_id,

        ---------- strings
        name as shop_name,
        city

    from source

)

select * from renamed
