{{
    config(
        materialized='incremental',
        unique_key='event_id',
        incremental_strategy='merge',
        file_format='delta'
    )
}}

with

final as (

    select * from {{ ref('event') }}

    {% if is_incremental() %}
        where
            event_id >= (
                select coalesce(max(existing.event_id), 0)
                from {{ this }} as existing
            )
    {% endif %}

),

final_ as (

    select
        event_id,
        amount

    from final

)

select * from final_
