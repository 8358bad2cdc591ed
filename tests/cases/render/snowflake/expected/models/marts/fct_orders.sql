{{
    config(
        materialized='incremental',
        unique_key=['order_id', '"order"']
    )
}}

with

orders as (

    select * from {{ ref('stg_shop__orders') }}

    {% if is_incremental() %}
        where
            ordered_at >= (
                select coalesce(dateadd(day, -2, max(existing.ordered_at)), cast('1900-01-01' as timestamp))
                from {{ this }} as existing
            )
    {% endif %}

),

final as (

    select
        order_id,
        "order",
        ordered_at

    from orders

)

select * from final
