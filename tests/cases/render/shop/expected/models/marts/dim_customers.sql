with

customers as (

    select * from {{ ref('stg_shop__customers') }}

),

final as (

    select
        customer_id,
        full_name,
        email as email_address,
        is_active

    from customers

)

select * from final
