with

source as (

    select * from {{ source('shop', 'orders') }}

),

renamed as (

    select
        -- ids
        "OrderID" as order_id,
        "CustomerID" as customer_id,
        "group" as billing_customer_id,

        -- strings
        "we""ird {{ '{' }}% col %}" as status,

        -- numerics
        priority,

        -- dates
        cast(order_date as date) as ordered_on,

        -- metadata
        _loaded_at

    from source

)

select * from renamed
